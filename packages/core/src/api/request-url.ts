import { endpointLabel } from "../catalog/plans.ts"
import type { ApiKeyCredential } from "../credentials/credential.ts"
import { QwenAuthError } from "../errors.ts"
import { requestUrl } from "../http/api-url.ts"

/** An API beside OpenAI's Chat Completions, by the end of the requested path. */
interface OtherApi {
  readonly path: string
  readonly name: string
}

const MESSAGES: OtherApi = { path: "/messages", name: "Anthropic's Messages API" }
const RESPONSES: OtherApi = { path: "/responses", name: "OpenAI's Responses API" }

/**
 * Returns the URL for a request with an API key. The Messages API has its own path on every host of every plan. The
 * Responses API is below the base URL, but the Coding Plan does not have it.
 * @param base the checked base URL of the key
 * @throws QwenAuthError `endpoint_not_available`
 */
export function keyRequestUrl(credential: ApiKeyCredential, base: URL, requested: URL): string {
  if (isFor(MESSAGES, requested)) return requestUrl(`${base.origin}/apps/anthropic/v1`, requested)
  if (credential.plan === "coding-plan" && isFor(RESPONSES, requested)) {
    throw notAvailableError(RESPONSES, `The ${endpointLabel(credential)}`, "or a Token Plan or pay-as-you-go key")
  }
  return requestUrl(`${base.origin}${base.pathname.replace(/\/+$/, "")}`, requested)
}

/**
 * Returns the URL for a request with a Qwen account, which has only the Chat Completions API.
 * @throws QwenAuthError `endpoint_not_available`
 */
export function oauthRequestUrl(baseUrl: string, requested: URL): string {
  const other = [MESSAGES, RESPONSES].find((api) => isFor(api, requested))
  if (other === undefined) return requestUrl(baseUrl, requested)
  throw notAvailableError(other, "A Qwen account", "or sign in with a Model Studio API key")
}

function isFor({ path }: OtherApi, { pathname }: URL): boolean {
  return pathname.endsWith(path)
}

function notAvailableError({ name }: OtherApi, owner: string, alternative: string): QwenAuthError {
  return new QwenAuthError("endpoint_not_available", `${owner} does not have ${name}.`, {
    remedy: `Use OpenAI's chat completions (/v1/chat/completions), ${alternative}.`,
  })
}
