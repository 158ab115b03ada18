import * as v from "valibot"
import { describe, expect, it } from "vitest"
import { HostTool } from "./host-tool.ts"
import type { KnownTool } from "./known-tool.ts"
import { toolNamePrompt } from "./tool-name-prompt.ts"

const TRAINED: readonly KnownTool[] = [
  { names: ["look", "peek"], equivalents: [{ id: "see" }, { id: "watch", note: "one at a time" }] },
  { names: ["say"], equivalents: [{ id: "speak", descriptionPattern: /aloud/ }] },
  { names: ["fly"], equivalents: [] },
]

const tool = (id: string, description = "", parameters: Record<string, unknown> = {}, required: string[] = []) =>
  v.parse(HostTool, { id, description, parameters: { properties: parameters, required } })

/** The lines below the introduction. */
const linesOf = (offered: readonly HostTool[], more?: readonly string[]) =>
  toolNamePrompt(TRAINED, offered, more)?.split("\n").slice(3)

describe("what a model is told about the names of a host's tools", () => {
  it("is which tool is meant by the names that it knows, with the parameters, and what there is not", () => {
    const see = tool("see", "Sees", { far: {}, what: {} }, ["what"])
    const speak = tool("speak", "Speaks aloud")
    expect(linesOf([speak, see])).toEqual(["- look, peek → see(what, far?)", "- say → speak()", "Not available: fly"])
  })

  it("takes the next tool where the best is not offered, with its note", () => {
    expect(linesOf([tool("watch")])?.[0]).toBe("- look, peek → watch(); one at a time")
  })

  it("takes no tool whose description does not say what it must", () => {
    expect(linesOf([tool("see"), tool("speak", "Speaks")])).toContain("Not available: say, fly")
  })

  it("has a host's own lines before what is not available", () => {
    expect(linesOf([tool("see")], ["- more → tools"])).toEqual([
      "- look, peek → see()",
      "- more → tools",
      "Not available: say, fly",
    ])
  })

  it.each([[[]], [[tool("other")]]])("is nothing when no tool is known", (offered) => {
    expect(toolNamePrompt(TRAINED, offered, ["- more → tools"])).toBeUndefined()
  })

  it("leaves out a name that the host itself has a tool for", () => {
    expect(linesOf([tool("see"), tool("peek")])?.[0]).toBe("- look → see()")
  })
})
