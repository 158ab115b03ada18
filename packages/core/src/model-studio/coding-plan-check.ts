import { type Answer, describeAnswer } from "../http/answer.ts"
import type { Platform } from "../platform.ts"
import { type CheckedKey, checkKey, type KeyCheck, noConclusion } from "./check-key.ts"

/** A model that does not exist, so that the request uses no quota. */
const NO_MODEL = "no-such-model-key-check"
const WRONG_KEY = /invalid access token or token expired|incorrect api|invalid[ _-]?api/i
/** The text of the Coding Plan; the code of the other plans for the same. */
const UNKNOWN_MODEL = /model .{0,120}is not supported|model_not_found/i

/** Why the Coding Plan does not say whether it knows a key. */
export const CALLER_UNKNOWN = "the Coding Plan does not recognise this program as a coding agent"

/** Returns true if the Coding Plan refuses the program that sent a request, whatever the key: a 405, earlier a 403. */
export function refusesCaller({ text }: Answer): boolean {
  return /only available for coding agents/i.test(text)
}

/**
 * Checks a key at an endpoint of the Coding Plan: requests a chat with a model that does not exist. Only a chat shows
 * whether the plan knows a key, because its model list may be public or missing. A wrong key is refused before an
 * unknown model (documented only by the error texts). Takes at most 10 s.
 * @param userAgent the host's `User-Agent`, because the plan accepts only known coding agents
 * @throws QwenAuthError `aborted`
 */
export function checkCodingPlanKey(
  platform: Platform,
  key: CheckedKey,
  userAgent: string | undefined,
  signal?: AbortSignal,
): Promise<KeyCheck> {
  const document = { model: NO_MODEL, messages: [{ role: "user", content: "." }], max_tokens: 1 }
  return checkKey(platform, key, { path: "/chat/completions", document, userAgent, classify }, signal)
}

function classify(answer: Answer): KeyCheck {
  const { status, json, text } = answer
  if (json === undefined || status >= 500 || status === 429) return noConclusion(describeAnswer(answer))
  if (refusesCaller(answer)) return noConclusion(CALLER_UNKNOWN, true)
  if (status === 401 && WRONG_KEY.test(text)) return { kind: "refused" }
  if (status >= 400 && UNKNOWN_MODEL.test(text)) return { kind: "accepted", ids: [] }
  return noConclusion(`the Coding Plan answered ${describeAnswer(answer)}`, true)
}
