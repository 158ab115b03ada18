import { QwenAuthError } from "../errors.ts"
import { type Answer, answerInWords } from "../http/answer.ts"
import { readable } from "../log/readable.ts"

const NO_FREE_TIER = "Alibaba ended the free Qwen OAuth tier on 2026-04-15"
const USE_A_KEY =
  "Use a Model Studio API key (Coding Plan, Token Plan or pay as you go) from https://modelstudio.console.alibabacloud.com."

/** A refusal of the API, in words, and the status that tells a host's retry policy the truth about it. */
export interface ApiFailure {
  readonly error: QwenAuthError
  readonly status: number
}

/**
 * What an error answer on the OAuth route means. The same text means different things on different routes, so this is for
 * OAuth credentials only.
 * @param answer the answer; a 401 only after a fresh token was tried too
 * @param model the model that was asked for, named when the service does not know it
 */
export function oauthFailure(answer: Answer, model: string | undefined): ApiFailure {
  const { code, message } = serviceError(answer)
  if (answer.firewall || (answer.html && answer.status < 500)) return pageInstead(answer)
  if (/session has expired|sign in again/i.test(message)) return sessionExpired()
  if (answer.status === 401) return freeTierEnded("Qwen rejects this account's sign-in although it was just renewed")
  if (/insufficient_quota/.test(code) || /exceeded your current quota|free allocated quota/i.test(message)) {
    return freeTierEnded("This account has no free quota left")
  }
  if (answer.status === 429) return rateLimited()
  if (/model_not_found/.test(code)) return unknownModel(model)
  return refused(answer, message)
}

/** The error object of the API (`{"error":{code,message}}`, or flat), as far as it is there. */
function serviceError(answer: Answer): { code: string; message: string } {
  const nested = answer.json?.["error"]
  const source = typeof nested === "object" && nested !== null ? { ...nested } : { ...answer.json }
  const text = (name: string) => {
    const value: unknown = Reflect.get(source, name)
    return typeof value === "string" ? readable(value) : ""
  }
  return { code: text("code"), message: text("message") }
}

function freeTierEnded(what: string): ApiFailure {
  const error = new QwenAuthError("free_tier_ended", `${what}: ${NO_FREE_TIER}.`, { remedy: USE_A_KEY })
  return { error, status: 403 }
}

function sessionExpired(): ApiFailure {
  const error = new QwenAuthError("session_expired", "Qwen no longer accepts this sign-in.", {
    remedy: "Sign in again.",
  })
  return { error, status: 401 }
}

function rateLimited(): ApiFailure {
  const error = new QwenAuthError("rate_limited", "Qwen's rate limit is reached (too many requests).", {
    remedy: "Wait a minute, then go on; fewer parallel requests help.",
  })
  return { error, status: 429 }
}

function unknownModel(model: string | undefined): ApiFailure {
  const name = model === undefined ? "The model" : `The model "${readable(model, 80)}"`
  const error = new QwenAuthError("request_refused", `${name} is not available to this account.`, {
    remedy: "Choose coder-model or vision-model.",
  })
  return { error, status: 404 }
}

function pageInstead(answer: Answer): ApiFailure {
  const who = answer.firewall ? "Alibaba's web firewall" : "A web page, perhaps a proxy's or a captive portal's,"
  const error = new QwenAuthError("web_firewall", `${who} answered instead of Qwen's API.`, {
    remedy: "Check the network and proxy, or wait a few minutes; the sign-in is kept.",
  })
  return { error, status: 403 }
}

function refused(answer: Answer, message: string): ApiFailure {
  const said = message === "" ? answerInWords(answer) : message
  const error = new QwenAuthError("request_refused", `Qwen's API refused the request: ${said}`)
  return { error, status: answer.status >= 400 ? answer.status : 502 }
}
