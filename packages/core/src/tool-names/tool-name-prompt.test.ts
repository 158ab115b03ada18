import { describe, expect, it } from "vitest"
import type { HostTool, ToolParameters } from "./host-tool.ts"
import { type KnownTool, toolNamePrompt } from "./tool-name-prompt.ts"

const KNOWN: readonly KnownTool[] = [
  { names: ["look", "peek"], equivalents: [{ id: "see" }, { id: "watch", note: "one at a time" }] },
  { names: ["say"], equivalents: [{ id: "speak", descriptionPattern: /aloud/ }] },
  { names: ["fly"], equivalents: [] },
]

const tool = (
  id: string,
  description = "",
  properties: ToolParameters["properties"] = {},
  required: string[] = [],
): HostTool => ({ id, description, parameters: { properties, required } })

/** Returns the lines below the introduction. */
const linesOf = (offered: readonly HostTool[], more?: readonly string[]) =>
  toolNamePrompt(KNOWN, offered, more)?.split("\n").slice(3)

describe("toolNamePrompt", () => {
  it("maps known names to tools with their parameters and lists missing tools", () => {
    const see = tool("see", "Sees", { far: {}, what: {} }, ["what"])
    const speak = tool("speak", "Speaks aloud")
    expect(linesOf([speak, see])).toEqual(["- look, peek → see(what, far?)", "- say → speak()", "Not available: fly"])
  })

  it("uses the next equivalent, with its note, if the preferred one is not offered", () => {
    expect(linesOf([tool("watch")])?.[0]).toBe("- look, peek → watch(); one at a time")
  })

  it("does not use a tool whose description does not match", () => {
    expect(linesOf([tool("see"), tool("speak", "Speaks")])).toContain("Not available: say, fly")
  })

  it("adds the host's lines before the missing tools", () => {
    expect(linesOf([tool("see")], ["- more → tools"])).toEqual([
      "- look, peek → see()",
      "- more → tools",
      "Not available: say, fly",
    ])
  })

  it.each([[[]], [[tool("other")]]])("returns undefined if no equivalent is offered", (offered) => {
    expect(toolNamePrompt(KNOWN, offered, ["- more → tools"])).toBeUndefined()
  })

  it("omits a name under which the host offers a tool", () => {
    expect(linesOf([tool("see"), tool("peek")])?.[0]).toBe("- look → see()")
  })
})
