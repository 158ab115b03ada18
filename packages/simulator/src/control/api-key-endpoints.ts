import { DocumentError, fieldsOf, nullable, oneOf, text } from "../fields.ts"
import { baseUrlOf, PLANS, type Plan, type PlanHost, REGIONS, type Region, SITES } from "../hosts/host.ts"
import { isWorkspaceId, planHost, workspaceHost } from "../hosts/host-table.ts"
import { jsonReply } from "../http/reply.ts"
import type { Endpoint } from "../world.ts"
import { documentEndpoint } from "./document-endpoint.ts"

/** `POST /_sim/api-key` `{"plan", "region", "workspace"}`: a new key, and the host that takes it. */
export const makeApiKey: Endpoint = documentEndpoint(readHost, (host, world) =>
  jsonReply(200, { key: world.apiKeys.make(host), host: host.name, base_url: baseUrlOf(host) }),
)

/** `POST /_sim/revoke-api-keys`: every host refuses every key made so far. */
export const revokeApiKeys: Endpoint = (_request, world) => jsonReply(200, { revoked: world.apiKeys.revoke() })

interface WantedKey {
  plan: Plan | null
  region: Region
  workspace: string | null
}

const anyKey: WantedKey = { plan: null, region: "international", workspace: null }

function readHost(document: unknown): PlanHost {
  const fields = fieldsOf(document, "", anyKey)
  const plan = fields.read("plan", oneOf(PLANS))
  const region = fields.read("region", oneOf(REGIONS))
  const workspace = fields.read("workspace", nullable(text))
  if (plan === null) throw new DocumentError(`plan must be one of: ${PLANS.join(", ")}`)
  return workspace === null ? sharedHost(plan, region) : ownHost(plan, region, workspace)
}

function sharedHost(plan: Plan, region: Region): PlanHost {
  const host = planHost(plan, region)
  if (host === undefined) throw new DocumentError(`region of plan ${plan} must be one of: ${SITES.join(", ")}`)
  return host
}

function ownHost(plan: Plan, region: Region, workspace: string): PlanHost {
  if (plan !== "payg") throw new DocumentError("workspace goes with plan payg")
  if (!isWorkspaceId(workspace)) throw new DocumentError("workspace must be able to stand in a host name")
  return workspaceHost(workspace, oneOf(SITES)(region, "region of a workspace"))
}
