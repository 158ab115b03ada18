import { describe, expect } from "vitest"
import { sentChats, textOf } from "../harness/opencode/chat-log.ts"
import { converse } from "../harness/opencode/conversation.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { it, qwenAt, signedInToPlan } from "../harness/opencode/with-model-studio.ts"
import { signedIn } from "../harness/opencode/with-opencode.ts"

const QUESTION = "What is 6 times 7?"
const ANSWER = "6 times 7 = 42"

/** The service's error on the routes of keys, and an older, shorter form of it. */
const FULL = { named: "input-too-long" }
const FULL_IN_SHORT = {
  status: 400,
  body: {
    error: { code: "invalid_parameter_error", message: "Range of input length should be [1, 983616]", param: null },
    request_id: "5000",
  },
}

describe.skipIf(opencodeMissing)("a conversation that is too long for the model, in the real OpenCode", () => {
  it.for<[string, "chat" | "planChat", object, string]>([
    ["a Qwen account", "chat", FULL_IN_SHORT, "coder-model"],
    ["an API key", "planChat", FULL, "qwen3-coder-plus"],
  ])("is compacted and continued with %s", async ([, endpoint, full, modelID], { simulator, home }) => {
    if (endpoint === "chat") await signedIn({ ...simulator, origin: qwenAt(simulator.origin) }, home)
    else await signedInToPlan(simulator, home, "coding")
    const model = { providerID: "alibaba", modelID }

    await converse(home, async ({ ask }) => {
      expect((await ask(QUESTION, model)).text).toBe(ANSWER)
      const before = (await sentChats(simulator)).length
      await simulator.control("scenario", { answers: { [endpoint]: { queue: [full] } } })

      const { error, text } = await ask(QUESTION, model)
      expect([error, text]).toEqual([undefined, ANSWER])
      const [refused, summary, answered, ...further] = (await sentChats(simulator)).slice(before)
      expect(textOf(refused?.messages.at(-1))).toContain(QUESTION)
      expect(textOf(summary?.messages[0])).toContain("summar")
      expect(answered?.messages.length).toBeGreaterThan(1)
      expect(further).toEqual([])
    })
  })
})
