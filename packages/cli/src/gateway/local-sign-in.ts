import type { Credential, Fetch } from "qwen-auth-core"
import type { Values } from "../commands/command.ts"
import { openSignIn } from "../sign-in.ts"
import type { World } from "../world.ts"
import { httpFetch } from "./http-fetch.ts"

/** The sign-in of this computer, as the gateway uses it. */
export interface LocalSignIn {
  readonly fetch: Fetch
  /** @throws QwenAuthError `authentication_required` and others, see `CredentialManager` */
  credential(): Promise<Credential>
}

/**
 * Returns the sign-in that the requests of the gateway use. No file is read before the first use.
 * @throws QwenAuthError `invalid_endpoint`: an address in the environment cannot be used
 */
export function localSignIn(world: World, values: Values): LocalSignIn {
  const { platform, sources } = world
  // Only the host's fetch may know the way through a proxy.
  const direct = hasProxy(sources.environment) ? platform : { ...platform, fetch: httpFetch(platform.fetch) }
  const { fetch, credentials } = openSignIn({ ...world, platform: direct }, values)
  return { fetch, credential: () => credentials.getCredential({}) }
}

function hasProxy(environment: World["sources"]["environment"]): boolean {
  return ["https_proxy", "http_proxy", "all_proxy"].some((name) => environment[name] || environment[name.toUpperCase()])
}
