import { QwenAuthError } from "qwen-auth-core"
import {
  CODER_MODEL,
  createQwenFetch,
  planOf,
  readAnswer,
  requestModelList,
  withDeadline,
} from "qwen-auth-core/internal"
import { isUnreachable } from "./messages.ts"
import type { ComputerSignIn } from "./sign-in.ts"

const TIMEOUT_MS = 15_000
/** The fetch uses only the path of this address. It knows the host from the credential. */
const CHAT = "https://portal.qwen.ai/v1/chat/completions"

/** Whether a sign-in works. `undefined`: the service gave no conclusion. */
export interface SignInCheck {
  readonly works: boolean | undefined
  /** Why it does not work, or why there is no conclusion. */
  readonly error?: QwenAuthError
}

/**
 * Asks the service by one cheap request whether the sign-in works: for a key of the Token Plan and pay as you go its
 * model list, which costs nothing, else a chat request for one token. The list of the Coding Plan needs no key.
 * @throws QwenAuthError of the credential; `aborted`
 */
export async function checkSignIn(signIn: ComputerSignIn, signal: AbortSignal): Promise<SignInCheck> {
  const credential = await signIn.credentials.getCredential({ signal })
  if (credential.type === "api_key" && credential.plan !== "coding-plan") {
    const list = await requestModelList(signIn.platform, credential, signal)
    if (list.kind === "accepted") return { works: true }
    if (list.kind === "unknown") return { works: undefined, error: uncheckedError(list.why) }
  }
  const model = credential.type === "oauth" ? CODER_MODEL.id : planOf(credential.plan).codingModels[0]
  return askOneToken(signIn, model, signal)
}

async function askOneToken(
  { platform, settings, credentials, userAgent }: ComputerSignIn,
  model: string | undefined,
  signal: AbortSignal,
): Promise<SignInCheck> {
  let error: QwenAuthError | undefined
  const fetch = createQwenFetch({
    platform,
    credentials,
    userAgent,
    apiBaseUrl: settings.apiBaseUrl,
    outcome: (_, failure) => {
      error = failure
    },
  })
  const body = JSON.stringify({ model, max_tokens: 1, messages: [{ role: "user", content: "Hi" }] })
  const headers = { "content-type": "application/json" }
  try {
    await withDeadline(platform, TIMEOUT_MS, "The service", signal, async (deadline) => {
      const response = await fetch(CHAT, { method: "POST", headers, body, signal: deadline })
      const answer = await readAnswer(response)
      // A web page comes from a proxy or a firewall in between.
      if (response.ok && answer.json === undefined)
        error = uncheckedError(
          answer.firewall ? "a web firewall answered in its place" : "something else answered in its place",
        )
    })
  } catch (failure) {
    if (!QwenAuthError.isInstance(failure) || failure.code === "aborted") throw failure
    error = failure
  }
  // The service reports a missing model only for a credential that it accepts.
  if (error === undefined || error.code === "model_not_available") return { works: true }
  // The Coding Plan answers only to coding agents.
  const noConclusion = isUnreachable(error) || ["client_not_allowed", "request_refused"].includes(error.code)
  return { works: noConclusion ? undefined : false, error }
}

function uncheckedError(why: string): QwenAuthError {
  return new QwenAuthError("service_unreachable", `The service could not check the sign-in (${why}).`, {
    remedy: "Check the network connection and proxy, then try again.",
  })
}
