import type { PluginInput } from "@opencode-ai/plugin"
import * as v from "valibot"

/** OpenCode's server runs in the same process, so a slow response means that it is shutting down. */
const TIMEOUT_MS = 2_000

const Health = v.object({ data: v.object({ version: v.pipe(v.string(), v.regex(/^[\w.+-]{1,40}$/)) }) })

/**
 * Returns a function that requests OpenCode's version once; undefined while OpenCode does not respond. A plugin gets
 * the version neither as an argument nor in the environment, and its client has no method for it. The client's other
 * methods accept a different `url` (observed in 1.18.33).
 */
export function hostVersion(client: Pick<PluginInput["client"], "path">): () => Promise<string | undefined> {
  let known: string | undefined
  return async () => {
    if (known !== undefined) return known
    try {
      const options = { url: "/global/health", signal: AbortSignal.timeout(TIMEOUT_MS) }
      known = v.parse(Health, await client.path.get(options)).data.version
    } catch {
      // The next call requests it again.
    }
    return known
  }
}
