import { DocumentError, fieldsOf, nullable, oneOf, text } from "../fields.ts"
import { baseUrlOf, PLANS, type Plan, type PlanHost, REGIONS, type Region } from "../hosts/host.ts"
import { isWorkspaceId, planHost, regionsOf, workspaceHost } from "../hosts/host-table.ts"
import { jsonReply } from "../http/reply.ts"
import { obfuscatedKey, TIERS, type Tier } from "../plans/api-keys.ts"
import type { Endpoint } from "../world.ts"
import { documentEndpoint } from "./document-endpoint.ts"

/** `POST /_sim/api-key` `{"plan", "region", "workspace", "tier"}`: creates a key and returns it in plain and obfuscated form. */
export const makeApiKey: Endpoint = documentEndpoint(readNewKey, ({ home, tier }, world) => {
  const key = world.apiKeys.make(home, tier)
  return jsonReply(200, { key, obfuscated: obfuscatedKey(key), host: home.name, base_url: baseUrlOf(home) })
})

/** `POST /_sim/revoke-api-keys`: revokes all keys on all hosts. */
export const revokeApiKeys: Endpoint = (_request, world) => jsonReply(200, { revoked: world.apiKeys.revoke() })

/** `POST /_sim/lapse-api-keys` `{"key"}`: lets the plan of one key or of all keys lapse. */
export const lapseApiKeys: Endpoint = documentEndpoint(
  (document) => fieldsOf<{ key: string | null }>(document, "", { key: null }).read("key", nullable(text)),
  (key, world) => jsonReply(200, { lapsed: world.apiKeys.lapse(key) }),
)

interface WantedKey {
  plan: Plan | null
  region: Region
  workspace: string | null
  tier: Tier
}

const anyKey: WantedKey = { plan: null, region: "international", workspace: null, tier: "team" }

function readNewKey(document: unknown): { home: PlanHost; tier: Tier } {
  const fields = fieldsOf(document, "", anyKey)
  const plan = fields.read("plan", oneOf(PLANS))
  const region = fields.read("region", oneOf(REGIONS))
  const workspace = fields.read("workspace", nullable(text))
  const tier = fields.read("tier", oneOf(TIERS))
  if (plan === null) throw new DocumentError(`plan must be one of: ${PLANS.join(", ")}`)
  if (tier === "personal" && plan !== "token") throw new DocumentError("tier goes with plan token")
  return { home: workspace === null ? sharedHost(plan, region) : ownHost(plan, region, workspace), tier }
}

function sharedHost(plan: Plan, region: Region): PlanHost {
  const host = planHost(plan, region)
  if (host === undefined)
    throw new DocumentError(`region of plan ${plan} must be one of: ${regionsOf(plan).join(", ")}`)
  return host
}

function ownHost(plan: Plan, region: Region, workspace: string): PlanHost {
  if (plan !== "payg") throw new DocumentError("workspace goes with plan payg")
  if (!isWorkspaceId(workspace)) throw new DocumentError("workspace must be able to stand in a host name")
  return workspaceHost(workspace, region)
}
