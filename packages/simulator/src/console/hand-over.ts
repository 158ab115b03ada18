import { randomBytes } from "node:crypto"
import { baseUrlOf, type ConsoleHost } from "../hosts/host.ts"
import { regionCodeOf, workspaceHost } from "../hosts/host-table.ts"
import type { World } from "../world.ts"

/** The workspace of all users. */
const WORKSPACE = "ws-simulator"

/** The document that a console sends to the program: a new pay-as-you-go key of the workspace and its details. */
export interface HandOver {
  access_token: string
  api_key: string
  base_url: string
  workspace_id: string
  console_site: string
  console_region: string
  console_switch_agent: number
}

/** Creates a key and the document for the program. */
export function newHandOver({ site }: ConsoleHost, world: World): HandOver {
  const host = workspaceHost(WORKSPACE, site)
  return {
    access_token: randomBytes(32).toString("base64url"),
    api_key: world.apiKeys.make(host),
    base_url: baseUrlOf(host),
    workspace_id: WORKSPACE,
    console_site: site,
    console_region: regionCodeOf(site),
    console_switch_agent: 0,
  }
}
