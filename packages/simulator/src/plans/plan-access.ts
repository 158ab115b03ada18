import { apiError, tokenRejected } from "../chat/api-error.ts"
import { bearerOf } from "../chat/bearer.ts"
import type { PlanHost } from "../hosts/host.ts"
import type { Reply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import type { World } from "../world.ts"

/** The refusal of a request without a key that is good on this host, in the words seen there. */
export function keyRefusal(request: SimulatorRequest, host: PlanHost, world: World): Reply | undefined {
  const key = bearerOf(request)
  if (key !== undefined && world.apiKeys.accepted(key, host) !== undefined) return undefined
  if (host.plan !== "payg") return tokenRejected()
  return key?.startsWith("sk-sp-")
    ? apiError(403, "invalid_api_key", "invalid api-key")
    : apiError(401, "invalid_api_key", "Incorrect API key provided.")
}

/** Whether the request carries an OAuth token whose `resource_url` names this pay-as-you-go host: only then it is taken. */
export function carriesTokenForHost(request: SimulatorRequest, host: PlanHost, world: World): boolean {
  const token = bearerOf(request)
  return (
    host.plan === "payg" &&
    token !== undefined &&
    world.tokens.accepts(token) &&
    world.tokens.hostOf(token) === host.name
  )
}
