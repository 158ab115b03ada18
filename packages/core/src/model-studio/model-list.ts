import * as v from "valibot"
import { QwenAuthError } from "../errors.ts"
import type { Answer } from "../http/answer.ts"
import { describeAnswer, readAnswer } from "../http/answer.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { withDeadline } from "../http/deadline.ts"
import { networkErrorText } from "../http/network-trouble.ts"
import type { Platform } from "../platform.ts"

const LIST_TIMEOUT_MS = 10_000

/** How asking a place for its models with a key ended. */
export type ModelListOutcome =
  /** The key works there; `ids` may be empty when the list could not be understood. */
  | { readonly kind: "accepted"; readonly ids: readonly string[] }
  /** A definite no to this key. */
  | { readonly kind: "refused" }
  /** It cannot be told now: no answer, a web page, an error of the service. */
  | { readonly kind: "unknown"; readonly why: string }

const ModelList = v.object({ data: v.array(v.unknown()) })
/** A model's id as services write it: nothing that a terminal would obey. */
export const ModelId = v.pipe(v.string(), v.regex(/^[\w.:/-]{1,100}$/))
const Listed = v.object({ id: ModelId })
const WRONG_KEY = /incorrect api|invalid[ _-]?(?:api|access)/i
/** The key is known there, only this call is not for it now. */
const KNOWN_KEY = /coding agents|arrear|good standing|overdue|quota/i

/**
 * Asks `GET {base}/models`, the read-only call by which the official Model Studio tool checks a key. The caller's own name is
 * not added: plans look at it only where a model is used.
 * @throws QwenAuthError `aborted`
 */
export async function requestModelList(
  platform: Platform,
  { baseUrl, apiKey }: { readonly baseUrl: string; readonly apiKey: string },
  signal?: AbortSignal,
): Promise<ModelListOutcome> {
  // Wherever the address comes from (a host's record, a cache): a key goes to Model Studio alone.
  if (!URL.canParse(baseUrl) || !isAllowedApiUrl(new URL(baseUrl)))
    return { kind: "unknown", why: "not a Model Studio API address" }
  const { host } = new URL(baseUrl)
  const headers = { authorization: `Bearer ${apiKey}`, accept: "application/json" }
  try {
    const answer = await withDeadline(platform, LIST_TIMEOUT_MS, host, signal, async (deadline) =>
      readAnswer(await platform.fetch(`${baseUrl}/models`, { headers, redirect: "manual", signal: deadline })),
    )
    return classifyModelList(answer)
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) return { kind: "unknown", why: networkErrorText(error).text }
    if (error.code === "aborted") throw error
    return { kind: "unknown", why: error.message }
  }
}

function classifyModelList(answer: Answer): ModelListOutcome {
  if (answer.status === 407) return { kind: "unknown", why: "the proxy requires a user name and password" }
  if (answer.json !== undefined && (answer.status === 401 || answer.status === 403)) {
    return KNOWN_KEY.test(answer.text) && !WRONG_KEY.test(answer.text)
      ? { kind: "accepted", ids: [] }
      : { kind: "refused" }
  }
  const parsed = answer.status < 300 ? v.safeParse(ModelList, answer.json) : undefined
  if (parsed?.success !== true) return { kind: "unknown", why: describeAnswer(answer) }
  return { kind: "accepted", ids: parsed.output.data.flatMap((model) => (v.is(Listed, model) ? [model.id] : [])) }
}
