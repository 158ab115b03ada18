import type { Reply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import type { Endpoint, World } from "../world.ts"
import { CLIENT_ID } from "./client.ts"
import type { DeviceAuthorization } from "./device-authorizations.ts"
import { type FormParameters, formParameters, missingParameter } from "./form-parameters.ts"
import { invalidClient, oauthError, oauthFields, oauthSuccess, refreshTokenRefused } from "./oauth-reply.ts"
import { verifierMatches } from "./pkce.ts"
import { ownResourceUrl, resourceHost } from "./resource-url.ts"
import type { IssuedTokens } from "./tokens.ts"

const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

/** `POST /api/v1/oauth2/token`: polls (RFC 8628 §3.4) and refreshes (RFC 6749 §6). */
export const tokenEndpoint: Endpoint = (request, world) => {
  const parameters = formParameters(request)
  if (typeof parameters === "string") return oauthError(400, "invalid_request", parameters)
  const grant = parameters.get("grant_type")
  if (grant === DEVICE_CODE_GRANT) return poll(parameters, request, world)
  if (grant === "refresh_token") return refresh(parameters, request, world)
  return grant === undefined
    ? oauthError(400, "invalid_request", "Missing parameter: grant_type")
    : oauthError(400, "unsupported_grant_type", `Unknown grant_type: ${grant}`)
}

function poll(parameters: FormParameters, request: SimulatorRequest, world: World): Reply {
  if (parameters.get("client_id") !== CLIENT_ID) return invalidClient()
  const missing = missingParameter(parameters, ["device_code", "code_verifier"])
  if (missing !== undefined) return oauthError(400, "invalid_request", missing)

  const authorization = world.authorizations.byDeviceCode(parameters.get("device_code") ?? "")
  if (authorization === undefined) return unusableDeviceCode(world, "invalid_grant")
  // Every poll is checked, not only the last, so that a client with a wrong verifier fails at once.
  if (!verifierMatches(parameters.get("code_verifier") ?? "", authorization.codeChallenge)) {
    return oauthError(400, "invalid_grant", "The code_verifier does not match the code_challenge")
  }
  return answerPoll(authorization, request, world)
}

function answerPoll(authorization: DeviceAuthorization, request: SimulatorRequest, world: World): Reply {
  const { slowDown } = world.scenario.present.deviceCode
  const { lifetimeS, resourceUrl } = world.scenario.present.token
  const tooFast = authorization.polledTooFast()
  switch (authorization.state) {
    case "expired":
      return unusableDeviceCode(world, "expired_token")
    case "used":
      return unusableDeviceCode(world, "invalid_grant")
    case "denied":
      return oauthError(400, "access_denied", "The authorization was denied")
    case "pending":
      if (!tooFast || slowDown === "off")
        return oauthError(400, "authorization_pending", "The authorization is pending")
      authorization.slowDown()
      return oauthError(Number(slowDown), "slow_down", "Polling too fast")
    case "approved":
      authorization.use()
      return tokenAnswer(request, world, world.tokens.issue(lifetimeS), resourceUrl)
  }
}

/** Qwen answers 401 for any unusable device code. RFC 8628 §3.5 distinguishes expired from unknown codes. */
function unusableDeviceCode(world: World, rfcError: "expired_token" | "invalid_grant"): Reply {
  return world.scenario.present.deviceCode.expiredAs === "401"
    ? oauthError(401, "invalid_grant", "Device code expired or invalid")
    : oauthError(400, rfcError, "Device code expired or invalid")
}

function refresh(parameters: FormParameters, request: SimulatorRequest, world: World): Reply {
  const rules = world.scenario.present.token
  const refreshToken = parameters.get("refresh_token")
  const tokens =
    refreshToken === undefined || parameters.get("client_id") !== CLIENT_ID
      ? undefined
      : world.tokens.refresh(refreshToken, rules)
  // The same response for every cause, as observed.
  if (tokens === undefined) return refreshTokenRefused()
  const { resourceUrl, resourceUrlOnRefresh } = rules
  return tokenAnswer(request, world, tokens, resourceUrlOnRefresh === "same" ? resourceUrl : resourceUrlOnRefresh)
}

function tokenAnswer(request: SimulatorRequest, world: World, tokens: IssuedTokens, resourceUrl: string | null): Reply {
  const { lifetimeS, fields, omitFields } = world.scenario.present.token
  const answer = {
    access_token: tokens.accessToken,
    ...(tokens.newRefreshToken === undefined ? {} : { refresh_token: tokens.newRefreshToken }),
    token_type: "Bearer",
    expires_in: lifetimeS,
    ...(resourceUrl === "omit"
      ? {}
      : { resource_url: resourceUrl === "own" ? ownResourceUrl(request, world.origin) : resourceUrl }),
  }
  const sent = oauthFields(answer, fields, omitFields)
  const { resource_url: sentUrl } = sent
  if (typeof sentUrl === "string") world.tokens.bind(tokens.accessToken, resourceHost(sentUrl))
  return oauthSuccess(sent)
}
