import { incorrectKey, invalidKeyProvided, planKeyRefused, tokenRejected } from "../chat/api-error.ts"
import { bearerOf } from "../chat/bearer.ts"
import { type PlanHost, takesKeysOf } from "../hosts/host.ts"
import type { Reply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import type { World } from "../world.ts"
import type { ApiKey } from "./api-keys.ts"

/** The key of a request, if it may chat on this host. */
export function chatKey(request: SimulatorRequest, host: PlanHost, world: World): ApiKey | undefined {
  const key = keyOf(request, host, world)
  return key?.lapsed ? undefined : key
}

/** The key of a request, if it may list the models of this host. On the Token Plan, a lapsed key may. */
export function listKey(request: SimulatorRequest, host: PlanHost, world: World): ApiKey | undefined {
  return host.plan === "token" ? keyOf(request, host, world) : chatKey(request, host, world)
}

function keyOf(request: SimulatorRequest, host: PlanHost, world: World): ApiKey | undefined {
  const key = world.apiKeys.find(bearerOf(request))
  return key !== undefined && takesKeysOf(host, key.home) ? key : undefined
}

/** The refusal of a request whose key is not valid on this host, word for word as observed. */
export function keyRefused(request: SimulatorRequest, host: PlanHost, world: World): Reply {
  const text = bearerOf(request)
  if (host.plan === "payg") return text?.startsWith("sk-sp-") ? planKeyRefused() : incorrectKey()
  const sameProduct = world.apiKeys.find(text)?.home.plan === "token"
  return host.plan === "token" && sameProduct ? invalidKeyProvided() : tokenRejected()
}

/** The owner of the prompt cache: the key of the request. Workspace hosts do not support cache marks. */
export function cacheOwner(request: SimulatorRequest, host: PlanHost): string | undefined {
  return host.audience === "region" ? bearerOf(request) : undefined
}

/** Whether the request has an OAuth token whose `resource_url` names this pay-as-you-go host. Other tokens are refused. */
export function carriesTokenForHost(request: SimulatorRequest, host: PlanHost, world: World): boolean {
  const token = bearerOf(request)
  return (
    host.plan === "payg" &&
    token !== undefined &&
    world.tokens.accepts(token) &&
    world.tokens.hostOf(token) === host.name
  )
}
