import * as v from "valibot"
import { QwenAuthError } from "../errors.ts"
import type { Answer } from "../http/answer.ts"
import { describeAnswer, readAnswer } from "../http/answer.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { withDeadline } from "../http/deadline.ts"
import { networkErrorText } from "../http/network-trouble.ts"
import type { Platform } from "../platform.ts"

const TIMEOUT_MS = 10_000

/** The outcome of requesting an endpoint's model list with a key. */
export type ModelListOutcome =
  /** The endpoint accepts the key. `ids` may be empty if the list could not be parsed. */
  | { readonly kind: "accepted"; readonly ids: readonly string[] }
  /** The endpoint rejects the key. */
  | { readonly kind: "refused" }
  /** No conclusion, because of a network error, a web page or an error of the service. `why`: the reason in words. */
  | { readonly kind: "unknown"; readonly why: string }

const ModelList = v.object({ data: v.array(v.unknown()) })
/** The id of a model. Contains no control characters. */
export const ModelId = v.pipe(v.string(), v.regex(/^[\w.:/-]{1,100}$/))
const Listed = v.object({ id: ModelId })
const WRONG_KEY = /incorrect api|invalid[ _-]?(?:api|access)/i
/** The key is valid, but the plan or the account does not allow this call. */
const KNOWN_KEY = /coding agents|arrear|good standing|overdue|quota/i

/**
 * Requests `GET {baseUrl}/models`, the read-only call with which the official Model Studio tool checks a key. Takes at
 * most 10 s. Does not send its own `User-Agent`, because plans check it only for chat requests.
 * @throws QwenAuthError `aborted`
 */
export async function requestModelList(
  platform: Platform,
  { baseUrl, apiKey }: { readonly baseUrl: string; readonly apiKey: string },
  signal?: AbortSignal,
): Promise<ModelListOutcome> {
  // The address may come from a host's record or a cache. A key is sent only to Model Studio.
  if (!URL.canParse(baseUrl) || !isAllowedApiUrl(new URL(baseUrl)))
    return { kind: "unknown", why: "not a Model Studio API address" }
  const { host } = new URL(baseUrl)
  const headers = { authorization: `Bearer ${apiKey}`, accept: "application/json" }
  try {
    const answer = await withDeadline(platform, TIMEOUT_MS, host, signal, async (deadline) =>
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
