import { modelList } from "../chat/model-list.ts"
import { modelsEndpoint } from "../chat/models-endpoint.ts"
import type { PlanHost } from "../hosts/host.ts"
import type { Endpoint } from "../world.ts"
import { carriesTokenForHost, keyRefusal } from "./plan-access.ts"
import { PLAN_MODELS } from "./plan-models.ts"

/** `GET {base}/models` with an API key; read-only, so it asks for no known agent. */
export function planModelsEndpoint(host: PlanHost): Endpoint {
  const { chat, other } = PLAN_MODELS[host.plan]
  return (request, world) =>
    carriesTokenForHost(request, host, world)
      ? modelsEndpoint(request, world)
      : (keyRefusal(request, host, world) ?? modelList([...chat, ...other]))
}
