import { execFile } from "node:child_process"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type CommandHome, commandHome } from "../harness/cli/command.ts"
import type { StartedProgram } from "../harness/cli/start-program.ts"
import { trials } from "../harness/processes/trials.ts"
import { isOpen } from "../harness/shared/port.ts"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"
import { signInTo } from "../harness/shared/stored-sign-in.ts"

let simulator: SimulatorProcess
let command: CommandHome
beforeAll(async () => {
  simulator = await startSimulator()
  await simulator.control("scenario", { deviceCode: { intervalS: 1, autoApprove: true } })
  command = commandHome(await mkdtemp(join(tmpdir(), "qwen-auth-command-")), simulator.env)
  await signInTo(simulator, command.tokenFile)
})
afterAll(async () => {
  simulator?.stop()
  if (command !== undefined) await rm(command.path, { recursive: true, force: true })
})

const ASK = `fetch(process.env.OPENAI_BASE_URL + "/chat/completions", {
  method: "POST",
  headers: { authorization: "Bearer " + process.env.OPENAI_API_KEY },
  body: JSON.stringify({ model: process.env.OPENAI_MODEL, messages: [{ role: "user", content: "What is 6 * 7?" }] }),
}).then((answer) => answer.json()).then((body) => console.log(body.choices[0].message.content))`

/** Prints its own process id and the gateway's port, and waits for a signal. */
const WAIT = `console.log(process.pid, new URL(process.env.OPENAI_BASE_URL).port); setInterval(() => {}, 1000)`

const exec = (script: string) => command.start("exec", "--", process.execPath, "-e", script)

async function waiting(script = WAIT): Promise<StartedProgram & { pid: number; port: number }> {
  const started = exec(script)
  await expect.poll(() => started.output.stdout).toMatch(/^\d+ \d+\n/)
  const [pid, port] = started.output.stdout.split(/\s/).map(Number)
  return { ...started, pid: pid ?? 0, port: port ?? 0 }
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe("qwen-auth exec", () => {
  it("gives a program the sign-in and leaves no file", async () => {
    const before = await readdir(command.path, { recursive: true })
    const { ended, output } = exec(ASK)
    expect(await ended).toBe(0)
    expect(output).toEqual({ stdout: "6 * 7 = 42\n", stderr: "" })
    expect(await readdir(command.path, { recursive: true })).toEqual(before)
  })

  it.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const)("passes %s on and leaves no port and no process", async (signal, status) => {
    const { child, ended, pid, port } = await waiting()
    expect(await isOpen(port)).toBe(true)
    child.kill(signal)
    expect(await ended).toBe(status)
    expect([isAlive(pid), await isOpen(port)]).toEqual([false, false])
  })

  it("waits for a program that ends later and exits with its status", async () => {
    const { child, ended, port } = await waiting(
      `process.on("SIGTERM", () => setTimeout(() => process.exit(9), 50)); ${WAIT}`,
    )
    child.kill("SIGTERM")
    expect(await ended).toBe(9)
    expect(await isOpen(port)).toBe(false)
  })

  it("exits with the status of a program that crashes", async () => {
    const { ended, port } = await waiting(`${WAIT}; setTimeout(() => process.kill(process.pid, "SIGSEGV"), 50)`)
    expect(await ended).toBe(139)
    expect(await isOpen(port)).toBe(false)
  })

  it("ends although the program left a request running", async () => {
    await simulator.control("scenario", { chat: { chunkDelayMs: 100_000 } })
    const { ended, port } = await waiting(`${ASK}; ${WAIT}; setTimeout(() => process.exit(3), 200)`)
    expect(await ended).toBe(3)
    expect(await isOpen(port)).toBe(false)
    await simulator.control("scenario", { chat: { chunkDelayMs: 0 } })
  })
})

describe("qwen-auth serve", () => {
  async function served(...args: string[]) {
    const started = command.start("serve", "--next-port", ...args)
    await expect.poll(() => started.output.stderr).toMatch(/local key/i)
    const [origin = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(started.output.stdout) ?? []
    const [, key = ""] = /shown once: (\S+)/.exec(started.output.stderr) ?? []
    return { ...started, origin, key, port: Number(new URL(origin).port) }
  }

  it("serves a shell that has the variables of exec --print and a key file", async () => {
    const file = join(command.path, "key")
    const { child, ended, port } = await served("--key-file", file)
    const printed = command.start("exec", "--print", "--key-file", file, "--port", String(port))
    expect(await printed.ended).toBe(0)
    const script = `${printed.output.stdout}\nexec "$NODE" -e '${ASK}'`
    const { stdout } = await promisify(execFile)("sh", ["-c", script], { env: { NODE: process.execPath } })
    expect(stdout).toBe("6 * 7 = 42\n")
    child.kill("SIGTERM")
    expect(await ended).toBe(0)
  })

  it("lets a running stream end after a signal", async () => {
    await simulator.control("scenario", { chat: { chunkDelayMs: 50 } })
    const { child, ended, origin, key } = await served()
    const content = "Reply with exactly: one two three four five six seven eight"
    const answer = await fetch(`${origin}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: "coder-model", stream: true, messages: [{ role: "user", content }] }),
    })
    child.kill("SIGTERM")
    expect(await answer.text()).toMatch(/"finish_reason":"stop"[\s\S]*data: \[DONE\]\n\n$/)
    expect(await ended).toBe(0)
    await simulator.control("scenario", { chat: { chunkDelayMs: 0 } })
  })

  it("does not grow while 200 clients stream", async () => {
    const seconds = trials(3, 30)
    const { child, ended, origin, key } = await served()
    const wrong: string[] = []
    const memory: number[] = []
    const rss = async () => Number((await promisify(execFile)("ps", ["-o", "rss=", "-p", String(child.pid)])).stdout)
    await simulator.control("scenario", { chat: { chunkDelayMs: 10 } })
    const stop = Date.now() + seconds * 1_000
    const client = async (index: number) => {
      while (Date.now() < stop) {
        const reply = `stream ${index} is whole and mine`
        const answer = await fetch(`${origin}/v1/chat/completions`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}` },
          body: JSON.stringify({
            model: "coder-model",
            stream: true,
            messages: [{ role: "user", content: `Reply with exactly: ${reply}` }],
          }),
        })
        const text = [...(await answer.text()).matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join("")
        if (text !== reply) wrong.push(text)
      }
    }
    const sampler = setInterval(() => void rss().then((kib) => memory.push(kib)), (seconds * 1_000) / 12)
    await Promise.all(Array.from({ length: 200 }, (_, index) => client(index)))
    clearInterval(sampler)
    child.kill("SIGTERM")
    expect(await ended).toBe(0)
    expect(wrong).toEqual([])
    const [early = 0, late = 0] = [memory.slice(3, 6), memory.slice(-3)].map((kib) => Math.max(...kib))
    // A leak of a kilobyte per stream would be far more.
    expect(late).toBeLessThan(early * 1.25 + 20_000)
    await simulator.control("scenario", { chat: { chunkDelayMs: 0 } })
  })
})
