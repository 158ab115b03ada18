import type { PluginInput } from "@opencode-ai/plugin"
import { describe, expect, it } from "vitest"
import { hostVersion } from "./host-version.ts"

/** OpenCode's client, answering from a list as one call after the other comes. */
function setUp(...answers: (() => unknown)[]) {
  const asked: unknown[] = []
  const client: PluginInput["client"] = Object.assign(Object.create(null), {
    path: {
      get: async (options: unknown) => {
        asked.push(options)
        return answers[asked.length - 1]?.()
      },
    },
  })
  return { asked, version: hostVersion(client) }
}

const healthy = () => ({ data: { healthy: true, version: "1.18.33" } })

describe("OpenCode's version", () => {
  it("is asked for when it is needed, once, and not for long", async () => {
    const { asked, version } = setUp(healthy)
    expect(asked).toEqual([])
    expect([await version(), await version()]).toEqual(["1.18.33", "1.18.33"])
    expect(asked).toEqual([{ url: "/global/health", signal: expect.any(AbortSignal) }])
  })

  it.each<[string, () => unknown]>([
    ["fails", () => Promise.reject(new Error("going down"))],
    ["has no such address", () => ({ error: {}, data: undefined })],
    ["answers something else", () => ({ data: { home: "/home/ada" } })],
    ["answers what no header may have", () => ({ data: { version: "1\r\nX: y" } })],
  ])("is unknown while OpenCode %s, and asked for again", async (_, answer) => {
    const { version } = setUp(answer, healthy)
    expect([await version(), await version()]).toEqual([undefined, "1.18.33"])
  })
})
