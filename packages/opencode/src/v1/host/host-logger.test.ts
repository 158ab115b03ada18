import { settle } from "qwen-auth-testing/gate"
import { describe, expect, it } from "vitest"
import { fakeHost } from "../testing/fake-host.ts"
import { hostLogger } from "./host-logger.ts"

describe("hostLogger", () => {
  it("writes to OpenCode's own log under the plugin's name", () => {
    const { client, calls } = fakeHost()
    hostLogger(client, false).warn("The token could not be renewed.", { status: 502 })
    const message = expect.stringContaining("The token could not be renewed.")
    expect(calls).toEqual([
      {
        name: "app.log",
        options: { body: { service: "qwen-auth", level: "warn", message, extra: { status: 502 } } },
      },
    ])
  })

  it.each([
    [true, ["debug", "warn", "error"]],
    [false, ["warn", "error"]],
  ])("with debug %s writes %j", (debug, levels) => {
    const { client, calls } = fakeHost()
    const log = hostLogger(client, debug)
    log.debug("a")
    log.warn("b")
    log.error("c")
    expect(calls).toMatchObject(levels.map((level) => ({ options: { body: { level } } })))
  })

  it("ignores a log that cannot be written", async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on("unhandledRejection", note)
    try {
      hostLogger(fakeHost(() => Promise.reject(new Error("connection closed"))).client, true).error("a")
      await settle()
      expect(unhandled).toEqual([])
    } finally {
      process.off("unhandledRejection", note)
    }
  })
})
