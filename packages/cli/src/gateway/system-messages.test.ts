import { describe, expect, it } from "vitest"
import { withoutSystemMessages } from "./system-messages.ts"

const text = (content: string) => ({ type: "text", text: content })
const reminder = (content: string) => text(`<system-reminder>\n${content}\n</system-reminder>`)
const result = { type: "tool_result", tool_use_id: "1", content: "done" }

describe("withoutSystemMessages", () => {
  it.each([
    [
      "joins a system message to the question before it",
      [
        ["user", "a"],
        ["system", "s"],
      ],
      [["user", [text("a"), reminder("s")]]],
    ],
    [
      "puts it after a tool's result",
      [
        ["user", "a"],
        ["assistant", "b"],
        ["user", [result]],
        ["system", [text("s")]],
      ],
      [
        ["user", "a"],
        ["assistant", "b"],
        ["user", [result, reminder("s")]],
      ],
    ],
    [
      "joins everything between two questions to one message",
      [
        ["user", "a"],
        ["system", "s"],
        ["system", "t"],
        ["user", "b"],
      ],
      [["user", [text("a"), reminder("s"), reminder("t"), text("b")]]],
    ],
    [
      "keeps it alone after an answer",
      [
        ["user", "a"],
        ["assistant", "b"],
        ["system", "s"],
      ],
      [
        ["user", "a"],
        ["assistant", "b"],
        ["user", [reminder("s")]],
      ],
    ],
    [
      "joins it to the question at the start",
      [
        ["system", "s"],
        ["user", "a"],
      ],
      [["user", [reminder("s"), text("a")]]],
    ],
  ])("%s", (_, given, kept) => {
    const messagesOf = (list: readonly (readonly unknown[])[]) => list.map(([role, content]) => ({ role, content }))
    expect(withoutSystemMessages(messagesOf(given))).toEqual(messagesOf(kept))
  })

  it("keeps cache marks", () => {
    const marked = { ...text("s"), cache_control: { type: "ephemeral" } }
    const kept = withoutSystemMessages([{ role: "system", content: [marked] }])
    expect(kept).toEqual([{ role: "user", content: [{ ...marked, ...reminder("s") }] }])
  })

  it.each([
    undefined,
    "x",
    [],
    [
      { role: "user", content: "a" },
      { role: "user", content: "b" },
    ],
    [null, 7],
  ])("returns undefined without a system message: %j", (messages) => {
    expect(withoutSystemMessages(messages)).toBeUndefined()
  })
})
