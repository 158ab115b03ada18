import type { Refusal } from "../api/failure.ts"
import { readAnswer } from "../http/answer.ts"
import { fakeWorld, type Reply } from "./fake-world.ts"
import { json } from "./replies.ts"

/** An error of Qwen's API. Its request id is what made hosts try again for a minute. */
export const apiError = (status: number, code: string | undefined, message: string): Reply =>
  json({ error: { code, message, param: null, type: code }, request_id: "5000-429-503" }, status)

/** The 401 for a token or key that the API does not take, word for word as observed. */
export const rejected = apiError(401, "invalid_api_key", "invalid access token or token expired")

/** What a route learns of a request that was answered so. */
export async function refusalOf(reply: Reply, fields: Partial<Refusal> = {}): Promise<Refusal> {
  const response = await fakeWorld({ replies: [reply] }).fetch("https://api.test/v1/chat/completions", {})
  return { answer: await readAnswer(response), model: undefined, waitMs: undefined, ...fields }
}
