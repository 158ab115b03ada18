import type { Reply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import type { Endpoint, World } from "../world.ts"
import { CLIENT_ID, SCOPES } from "./client.ts"
import type { DeviceAuthorization } from "./device-authorizations.ts"
import { type FormParameters, formParameters, missingParameter } from "./form-parameters.ts"
import { invalidClient, oauthError, oauthFields, oauthSuccess } from "./oauth-reply.ts"
import { isS256Challenge } from "./pkce.ts"

/** `POST /api/v1/oauth2/device/code`: the device authorization request (RFC 8628 §3.1, PKCE required). */
export const deviceCodeEndpoint: Endpoint = (request, world) => {
  const parameters = formParameters(request)
  if (typeof parameters === "string") return oauthError(400, "invalid_request", parameters)
  if (parameters.get("client_id") !== CLIENT_ID) return invalidClient()

  const fault = parameterFault(parameters)
  if (fault !== undefined) return fault

  const { expiresInS, intervalS, autoApprove } = world.scenario.present.deviceCode
  const authorization = world.authorizations.start({
    codeChallenge: parameters.get("code_challenge") ?? "",
    scopes: requestedScopes(parameters),
    expiresInS,
    intervalS,
  })
  if (autoApprove) authorization.decide("approved")
  return started(authorization, request, world)
}

function parameterFault(parameters: FormParameters): Reply | undefined {
  const missing = missingParameter(parameters, ["scope", "code_challenge", "code_challenge_method"])
  if (missing !== undefined) return oauthError(400, "invalid_request", missing)
  if (parameters.get("code_challenge_method") !== "S256") {
    return oauthError(400, "invalid_request", "code_challenge_method must be S256")
  }
  if (!isS256Challenge(parameters.get("code_challenge") ?? "")) {
    return oauthError(400, "invalid_request", "code_challenge must be 43 base64url characters")
  }
  const unknown = requestedScopes(parameters).find((scope) => !Object.hasOwn(SCOPES, scope))
  return unknown === undefined ? undefined : oauthError(400, "invalid_scope", `Unknown scope: ${unknown}`)
}

function requestedScopes(parameters: FormParameters): string[] {
  return (parameters.get("scope") ?? "").split(" ").filter((scope) => scope !== "")
}

function started(authorization: DeviceAuthorization, { base }: SimulatorRequest, world: World): Reply {
  const { expiresInS, intervalS, fields, omitFields } = world.scenario.present.deviceCode
  const page = `${base}/authorize`
  const answer = {
    device_code: authorization.deviceCode,
    user_code: authorization.userCode,
    verification_uri: page,
    verification_uri_complete: `${page}?user_code=${authorization.userCode}&client=qwen-code`,
    expires_in: expiresInS,
    ...(intervalS === null ? {} : { interval: intervalS }),
  }
  return oauthSuccess(oauthFields(answer, fields, omitFields))
}
