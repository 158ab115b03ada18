import { parseApiKeyKind } from "../credentials/api-key.ts"
import type { ApiKeyCredential } from "../credentials/credential.ts"
import { QwenAuthError } from "../errors.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import type { IncomingRequest } from "./incoming-request.ts"
import { keyFailure } from "./key-failure.ts"
import { keyBodyRules } from "./key-request-body.ts"
import type { ReadBody } from "./prepared-bodies.ts"
import { takesCacheMarks } from "./prompt-cache-marks.ts"
import { keyHeaders } from "./request-headers.ts"
import { keyRequestUrl } from "./request-url.ts"
import type { Route, RouteOptions } from "./route.ts"

/**
 * Loads the catalogue of models, which is large. The first request with a key loads it. A host whose files may be replaced
 * while it runs loads it earlier.
 */
export function loadCatalogue() {
  return import("../catalog/find-model.ts")
}

/**
 * Returns the route for a Model Studio API key. The request goes to the endpoint of the key. It keeps the host's
 * `User-Agent`, because the Coding Plan accepts only known coding agents.
 * @throws QwenAuthError `invalid_endpoint`: the stored base URL is not one that a key may be sent to;
 *   `api_key_malformed`: the stored key is not valid; `endpoint_not_available`: see {@link keyRequestUrl}
 */
export async function keyRoute(
  credential: ApiKeyCredential,
  request: IncomingRequest,
  body: ReadBody,
  { promptCache }: RouteOptions,
): Promise<Route> {
  const { apiKey } = credential
  parseApiKeyKind(apiKey)
  const base = URL.canParse(credential.baseUrl) ? new URL(credential.baseUrl) : undefined
  if (base === undefined || !isAllowedApiUrl(base)) {
    throw new QwenAuthError("invalid_endpoint", "The address stored with the API key is not a Model Studio address.", {
      remedy: "Sign in again.",
    })
  }
  const { findModel } = await loadCatalogue()
  const cacheMarks = promptCache && takesCacheMarks(base.hostname)
  const headers = keyHeaders(request.headers, apiKey, cacheMarks && body.isChat)
  return {
    url: keyRequestUrl(credential, base, request.url),
    headers,
    body: body.forRoute(keyBodyRules(credential, cacheMarks, findModel)),
    classify: (refusal) => keyFailure(credential, apiKey, refusal, headers.get("user-agent")),
  }
}
