import { codingAgentsOnly } from "../chat/api-error.ts"
import type { Reply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import type { World } from "../world.ts"

/** The prefixes of the `User-Agent` of agents that the Coding Plan admits. */
const CODING_AGENTS = ["opencode/", "QwenCode/", "claude-cli/", "Cline/"]

/** The Coding Plan's refusal of an unknown coding agent, or of a request with the OAuth route's header. */
export function agentRefusal({ headers }: SimulatorRequest, world: World): Reply | undefined {
  const agent = (headers["user-agent"] ?? "").toLowerCase()
  const { agents } = world.scenario.present.plans
  const known = (agents ?? CODING_AGENTS).some((prefix) => agent.startsWith(prefix.toLowerCase()))
  if (known && headers["x-dashscope-authtype"] === undefined) return undefined
  return codingAgentsOnly()
}
