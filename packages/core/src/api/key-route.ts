import { parseApiKeyKind } from "../credentials/api-key.ts"
import type { ApiKeyCredential } from "../credentials/credential.ts"
import { QwenAuthError } from "../errors.ts"
import { isAllowedApiUrl, requestUrl } from "../http/api-url.ts"
import type { IncomingRequest } from "./incoming-request.ts"
import { keyFailure } from "./key-failure.ts"
import type { ReadBody } from "./prepared-bodies.ts"
import { keyHeaders } from "./request-headers.ts"
import type { Route } from "./route.ts"

/**
 * A request with a Model Studio API key: to the key's own place, in the host's name (the Coding Plan admits known coding
 * agents only), the body as the host made it.
 * @throws QwenAuthError `invalid_endpoint` when the stored address is not one that a key may be sent to, `api_key_malformed` when
 *   the key cannot go into a header
 */
export function keyRoute(credential: ApiKeyCredential, incoming: IncomingRequest, body: ReadBody): Route {
  const { apiKey } = credential
  parseApiKeyKind(apiKey)
  const base = URL.canParse(credential.baseUrl) ? new URL(credential.baseUrl) : undefined
  if (base === undefined || !isAllowedApiUrl(base)) {
    throw new QwenAuthError("invalid_endpoint", "The address stored with the API key is not a Model Studio address.", {
      remedy: "Sign in again.",
    })
  }
  const headers = keyHeaders(incoming.headers, apiKey)
  return {
    url: requestUrl(`${base.origin}${base.pathname.replace(/\/+$/, "")}`, incoming.url),
    headers,
    body: body.asGiven(),
    apiFailure: (refusal) => keyFailure(credential, apiKey, refusal, headers.get("user-agent")),
  }
}
