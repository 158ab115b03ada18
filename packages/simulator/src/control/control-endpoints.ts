import { jsonReply } from "../http/reply.ts"
import { isJsonObject, parseJson } from "../json.ts"
import type { DeviceAuthorization } from "../oauth/device-authorizations.ts"
import { type Endpoint, resetWorld } from "../world.ts"
import { documentEndpoint, refusal } from "./document-endpoint.ts"

/** `POST /_sim/approve` `{"user_code"}`: the user pressed Approve. */
export const approve = onPending((authorization) => authorization.decide("approved"))

/** `POST /_sim/deny` `{"user_code"}`: the user pressed Deny. */
export const deny = onPending((authorization) => authorization.decide("denied"))

/** `POST /_sim/expire` `{"user_code"}`: the device code expires. */
export const expire = onPending((authorization) => authorization.expire())

/** `POST /_sim/scenario`: merges a document into the current scenario and returns the result. */
export const changeScenario: Endpoint = documentEndpoint(
  (document, world) => world.scenario.merge(document),
  (_merged, world) => jsonReply(200, world.scenario.present),
)

/** `GET /_sim/scenario`: the current scenario; its queues contain only unused answers. */
export const showScenario: Endpoint = (_request, world) => jsonReply(200, world.scenario.present)

/** `GET /_sim/log`: every request so far, oldest first. */
export const showLog: Endpoint = (_request, world) => jsonReply(200, world.log.entries())

/** `POST /_sim/expire-tokens`: the API refuses every access token issued so far; refresh tokens still work. */
export const expireTokens: Endpoint = (_request, world) =>
  jsonReply(200, { expired: world.tokens.expireAccessTokens() })

/** `POST /_sim/revoke-refresh-tokens`: the token endpoint refuses every refresh token issued so far. */
export const revokeRefreshTokens: Endpoint = (_request, world) =>
  jsonReply(200, { revoked: world.tokens.revokeRefreshTokens() })

/** `POST /_sim/reset`: restores the state after the start. */
export const reset: Endpoint = (_request, world) => {
  resetWorld(world)
  return jsonReply(200, { reset: true })
}

/** An endpoint that changes the pending sign-in with the given `user_code`. */
function onPending(act: (authorization: DeviceAuthorization) => void): Endpoint {
  return (request, world) => {
    const body = parseJson(request.text)
    const userCode = isJsonObject(body) ? body["user_code"] : undefined
    if (typeof userCode !== "string") return refusal(400, 'The body must be {"user_code": "ABCD-EFGH"}')
    const authorization = world.authorizations.byUserCode(userCode)
    if (authorization === undefined) return refusal(404, `No sign-in has the user code ${userCode}`)
    if (authorization.state !== "pending") return refusal(409, `The sign-in is already ${authorization.state}`)
    act(authorization)
    return jsonReply(200, { user_code: authorization.userCode, state: authorization.state })
  }
}
