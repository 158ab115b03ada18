import { type Answer, describeAnswer } from "../http/answer.ts"
import type { Platform } from "../platform.ts"
import { CALLER_UNKNOWN, refusesCaller } from "./model-list.ts"
import { requestWithKey } from "./request-with-key.ts"

/** What the Coding Plan tells about a key. */
export type CodingPlanOutcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused" }
  /** No answer of the service. It may come later. `why`: the reason in words. */
  | { readonly kind: "unknown"; readonly why: string }
  /** An answer that tells nothing about the key, and will not tell more later. */
  | { readonly kind: "untold"; readonly why: string }

/** A model that does not exist, so that the request uses no quota. */
const NO_MODEL = "no-such-model-key-check"
const WRONG_KEY = /invalid access token or token expired|incorrect api|invalid[ _-]?api/i
/** The text of the Coding Plan; the code of the other plans for the same. */
const UNKNOWN_MODEL = /model .{0,120}is not supported|model_not_found/i

/**
 * Asks an endpoint of the Coding Plan for a chat with a model that does not exist. Only a chat tells whether the plan
 * knows a key, because its model list may be public or missing: a wrong key is refused before the model is (documented
 * by the texts alone). Takes at most 10 s.
 * @param userAgent the host's `User-Agent`, because the plan admits only known coding agents
 * @throws QwenAuthError `aborted`
 */
export async function checkCodingPlanKey(
  platform: Platform,
  credential: { readonly baseUrl: string; readonly apiKey: string },
  userAgent: string | undefined,
  signal?: AbortSignal,
): Promise<CodingPlanOutcome> {
  const document = { model: NO_MODEL, messages: [{ role: "user", content: "." }], max_tokens: 1 }
  const answer = await requestWithKey(platform, credential, { path: "/chat/completions", document, userAgent }, signal)
  return "why" in answer ? { kind: "unknown", why: answer.why } : classifyChat(answer)
}

function classifyChat(answer: Answer): CodingPlanOutcome {
  const { status, json, text } = answer
  if (json === undefined || status >= 500 || status === 429) return { kind: "unknown", why: describeAnswer(answer) }
  if (refusesCaller(answer)) return { kind: "untold", why: CALLER_UNKNOWN }
  if (status === 401 && WRONG_KEY.test(text)) return { kind: "refused" }
  if (status >= 400 && UNKNOWN_MODEL.test(text)) return { kind: "accepted" }
  return { kind: "untold", why: `the Coding Plan answered ${describeAnswer(answer)}` }
}
