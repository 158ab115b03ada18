import { type RefusedRequest, readAnswer } from "qwen-auth-core/internal"
import { fakePlatform, type Reply, START } from "./fake-platform.ts"
import { json } from "./replies.ts"

/** An error of Qwen's API. Its request id contains digits that made OpenCode retry for a minute (observed). */
export const apiError = (status: number, code: string | undefined, message: string): Reply =>
  json({ error: { code, message, param: null, type: code }, request_id: "5000-429-503" }, status)

/** The 401 for a token or key that the API does not accept, word for word as observed. */
export const rejected = apiError(401, "invalid_api_key", "invalid access token or token expired")

/** The Coding Plan's text for a program that it does not recognise as a coding agent. */
export const AGENTS_ONLY = "Coding Plan is currently only available for Coding Agents"

/** The Coding Plan's 405 with that text, as observed. */
export const callerUnknown = json({ error: AGENTS_ONLY }, 405)

/** Reads a reply as the fetch does for a refused request. */
export async function refusedRequest(reply: Reply, fields: Partial<RefusedRequest> = {}): Promise<RefusedRequest> {
  const response = await fakePlatform({ replies: [reply] }).fetch("https://api.test/v1/chat/completions", {})
  const answer = await readAnswer(response)
  return { answer, model: undefined, waitMs: undefined, now: START, timeZone: "UTC", ...fields }
}
