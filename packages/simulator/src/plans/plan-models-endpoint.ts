import { modelList, modelsEndpoint } from "../chat/models-endpoint.ts"
import type { PlanHost } from "../hosts/host.ts"
import { emptyReply } from "../http/reply.ts"
import { listedModels } from "../models/served-models.ts"
import type { Endpoint } from "../world.ts"
import { carriesTokenForHost, keyRefused, listKey } from "./plan-access.ts"

/** `GET {base}/models` with an API key. It does not check the agent, because it is read-only. */
export function planModelsEndpoint(host: PlanHost): Endpoint {
  return (request, world) => {
    if (carriesTokenForHost(request, host, world)) return modelsEndpoint(request, world)
    if (host.plan === "coding" && world.scenario.present.plans.codingList === "public") {
      return host.region === "china" ? emptyReply(404) : modelList(listedModels(host, "team"))
    }
    const key = listKey(request, host, world)
    return key === undefined ? keyRefused(request, host, world) : modelList(listedModels(host, key.tier))
  }
}
