import type { PluginInput } from "@opencode-ai/plugin"
import * as v from "valibot"

/** OpenCode's server is in the same process; it answers at once or is going down. */
const TIMEOUT_MS = 2_000

const Health = v.object({ data: v.object({ version: v.pipe(v.string(), v.regex(/^[\w.+-]{1,40}$/)) }) })

/**
 * OpenCode's version, requested when it is first needed; undefined while OpenCode does not answer. A plugin gets it neither as an
 * argument nor in the environment, and its client has no method for this address. The client's other methods accept another
 * `url` (observed in 1.18.33).
 */
export function hostVersion(client: Pick<PluginInput["client"], "path">): () => Promise<string | undefined> {
  let known: string | undefined
  return async () => {
    if (known !== undefined) return known
    try {
      const options = { url: "/global/health", signal: AbortSignal.timeout(TIMEOUT_MS) }
      known = v.parse(Health, await client.path.get(options)).data.version
    } catch {
      // Requested again next time.
    }
    return known
  }
}
