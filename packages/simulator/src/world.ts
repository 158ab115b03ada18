import { PromptCache } from "./chat/prompt-cache.ts"
import type { Clock } from "./clock.ts"
import type { Reply } from "./http/reply.ts"
import type { SimulatorRequest } from "./http/request.ts"
import { RequestLog } from "./log/request-log.ts"
import { DeviceAuthorizations } from "./oauth/device-authorizations.ts"
import { Tokens } from "./oauth/tokens.ts"
import { ApiKeys } from "./plans/api-keys.ts"
import { ScenarioHolder } from "./scenario/scenario-holder.ts"

/** The simulator's state, which all endpoints share. */
export interface World {
  clock: Clock
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  origin: string
  scenario: ScenarioHolder
  authorizations: DeviceAuthorizations
  tokens: Tokens
  apiKeys: ApiKeys
  promptCache: PromptCache
  log: RequestLog
}

/** An endpoint maps a request to a reply. The server handles the transport. */
export type Endpoint = (request: SimulatorRequest, world: World) => Reply | Promise<Reply>

export function newWorld(clock: Clock, origin: string): World {
  return {
    clock,
    origin,
    scenario: new ScenarioHolder(),
    authorizations: new DeviceAuthorizations(clock),
    tokens: new Tokens(clock),
    apiKeys: new ApiKeys(),
    promptCache: new PromptCache(),
    log: new RequestLog(),
  }
}

/** Resets the state. All parts are created again, so that nothing is forgotten. */
export function resetWorld(world: World): void {
  Object.assign(world, newWorld(world.clock, world.origin))
}
