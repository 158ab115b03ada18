import { describe, expect, it } from "vitest"
import { mcpPrefixes } from "./mcp-prefixes.ts"

const connected = { status: "connected" }

describe("mcpPrefixes", () => {
  it("names the connected servers as OpenCode names their tools, sorted", () => {
    const data = {
      sentry: connected,
      "my db.v2": connected,
      off: { status: "disabled" },
      broken: { status: "failed", error: "spawn ENOENT" },
      github: connected,
      strange: "connected",
    }
    expect(mcpPrefixes({ data })).toEqual(["github_", "my_db_v2_", "sentry_"])
  })

  it("lists a prefix once that two servers share", () => {
    expect(mcpPrefixes({ data: { "a.b": connected, "a b": connected } })).toEqual(["a_b_"])
  })

  it("limits the length of names and the number of servers", () => {
    const names = Array.from({ length: 40 }, (_, n) => `server${n}`)
    const data = Object.fromEntries([...names, "x".repeat(41)].map((name) => [name, connected]))
    expect(mcpPrefixes({ data })).toHaveLength(16)
    expect(mcpPrefixes({ data }).join()).not.toContain("xx")
  })

  it.each([undefined, null, [], {}, { data: undefined }, { data: null }, { data: "github" }])(
    "%j has none",
    (answer) => {
      expect(mcpPrefixes(answer)).toEqual([])
    },
  )
})
