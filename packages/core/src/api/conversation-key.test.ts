import { CHAT_URL } from "qwen-auth-testing/chat-requests"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { describe, expect, it } from "vitest"
import { getConversationKey } from "./conversation-key.ts"
import { parseFetchArguments } from "./incoming-request.ts"
import { OAUTH_BODY_RULES } from "./oauth-request-body.ts"
import { PreparedBodies } from "./prepared-bodies.ts"

const bodies = new PreparedBodies(fakePlatform(), OAUTH_BODY_RULES)
const SYSTEM = { role: "system", content: "You are helpful. ".repeat(1_000) }
const user = (content: string) => ({ role: "user", content })
const assistant = (content: string) => ({ role: "assistant", content })
const chat = (...messages: object[]) => ({ model: "coder-model", messages: [SYSTEM, ...messages], tools: [] })

async function keyOf(body: unknown, headers: Record<string, string> = {}, url = CHAT_URL) {
  const incoming = await parseFetchArguments(url, { method: "POST", headers, body: JSON.stringify(body) })
  return getConversationKey(incoming, bodies.read(incoming))
}

describe("the key of a conversation", () => {
  it("does not change while the conversation grows", async () => {
    const first = user("Please sort my files. ".repeat(300))
    const key = await keyOf(chat(first))
    expect(await keyOf(chat(first, assistant("Which?"), user("All.")))).toBe(key)
    expect(await keyOf(chat(first, assistant(""), assistant("")))).toBe(key)
  })

  it("does not change for a body that was prepared", async () => {
    const first = user("Please sort my files. ".repeat(300))
    const key = await keyOf(bodies.prepare(chat(first)))
    expect(await keyOf(bodies.prepare(chat(first, assistant("Which?"), user("All."))))).toBe(key)
  })

  it("differs for another beginning", async () => {
    expect(await keyOf(chat(user("Sort my files.")))).not.toBe(await keyOf(chat(user("Sort my photos."))))
  })

  it.each(["x-session-id", "x-session-affinity"])("is the session id in the header %s", async (name) => {
    const key = await keyOf(chat(user("one")), { [name]: "ses_1" })
    expect(await keyOf(chat(user("two")), { [name]: "ses_1" })).toBe(key)
    expect(await keyOf(chat(user("one")), { [name]: "ses_2" })).not.toBe(key)
    expect(await keyOf(chat(user("one")), { [name]: "" })).toBe(await keyOf(chat(user("one"))))
  })

  it("is short and does not contain the conversation", async () => {
    expect((await keyOf(chat(user("secret"))))?.length).toBe(44)
  })

  it("is undefined for other requests", async () => {
    expect(await keyOf({ input: "x" }, { "x-session-id": "ses_1" }, "https://api.test/v1/embeddings")).toBeUndefined()
  })

  it("is defined for an invalid body", async () => {
    expect(await keyOf("text")).toBeDefined()
  })
})
