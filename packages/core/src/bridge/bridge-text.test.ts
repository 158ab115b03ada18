import * as v from "valibot"
import { describe, expect, it } from "vitest"
import { bridgeText } from "./bridge-text.ts"
import { OfferedTool } from "./offered-tool.ts"
import type { TrainedTool } from "./trained-tool.ts"

const TRAINED: readonly TrainedTool[] = [
  { names: ["look", "peek"], standIns: [{ id: "see" }, { id: "watch", note: "one at a time" }] },
  { names: ["say"], standIns: [{ id: "speak", says: /aloud/ }] },
  { names: ["fly"], standIns: [] },
]

const tool = (id: string, description = "", parameters: Record<string, unknown> = {}, required: string[] = []) =>
  v.parse(OfferedTool, { id, description, parameters: { properties: parameters, required } })

/** The lines below the introduction. */
const linesOf = (offered: readonly OfferedTool[], more?: readonly string[]) =>
  bridgeText(TRAINED, offered, more)?.split("\n").slice(3)

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
    expect(bridgeText(TRAINED, offered, ["- more → tools"])).toBeUndefined()
  })

  it("leaves out a name that the host itself has a tool for", () => {
    expect(linesOf([tool("see"), tool("peek")])?.[0]).toBe("- look → see()")
  })
})
