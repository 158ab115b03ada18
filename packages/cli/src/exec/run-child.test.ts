import { EventEmitter } from "node:events"
import { describe, expect, it } from "vitest"
import { runChild } from "./run-child.ts"

function run(script: string, { terminal = false, signals = new EventEmitter() } = {}) {
  const plan = { file: process.execPath, args: ["-e", script], verbatim: false }
  return { signals, code: runChild(plan, { environment: process.env, signals, terminal }) }
}

const WAIT = "setInterval(() => {}, 1000)"
const PASSED = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"]
const listeners = (signals: EventEmitter) => PASSED.map((signal) => signals.listenerCount(signal))

describe("runChild", () => {
  it.each([0, 1, 42])("returns the exit status %i", async (status) => {
    const { code, signals } = run(`process.exit(${status})`)
    expect(await code).toBe(status)
    expect(listeners(signals)).toEqual([0, 0, 0, 0])
  })

  it.each([
    ["SIGTERM", 143],
    ["SIGKILL", 137],
    ["SIGABRT", 134],
  ])("returns 128 plus the number of the signal that ended the child: %s, %i", async (signal, status) => {
    expect(await run(`process.kill(process.pid, "${signal}"); ${WAIT}`).code).toBe(status)
  })

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const)("passes %s on to the child", async (signal, status) => {
    const { code, signals } = run(WAIT)
    signals.emit(signal, signal)
    expect(await code).toBe(status)
  })

  it("does not pass on Ctrl-C that the terminal sends itself", async () => {
    const { code, signals } = run(WAIT, { terminal: true })
    signals.emit("SIGINT", "SIGINT")
    signals.emit("SIGTERM", "SIGTERM")
    expect(await code).toBe(143)
  })

  it.each([
    ["that does not exist", "no-such-command-of-the-test", 127],
    ["that cannot be run", import.meta.dirname, 126],
  ])("reports a command %s with a shell's status", async (_, file, exitCode) => {
    const signals = new EventEmitter()
    const started = runChild({ file, args: [], verbatim: false }, { environment: {}, signals, terminal: false })
    await expect(started).rejects.toMatchObject({ name: "CommandNotStarted", exitCode })
    expect(listeners(signals)).toEqual([0, 0, 0, 0])
  })
})
