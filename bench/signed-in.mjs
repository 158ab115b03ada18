import { authorizationServer, nodePlatform } from "qwen-auth-core"
import { CredentialManager, createQwenFetch, PAY_AS_YOU_GO, PreparedBodies } from "qwen-auth-core/internal"

/**
 * The authenticated fetch with a valid credential in memory, so that only its own work is measured, and what prepares its bodies.
 * @param {string} origin of the server to reach
 */
export function signedIn(origin) {
  const platform = nodePlatform()
  /** @type {import("qwen-auth-core").OAuthCredential} */
  const credential = {
    type: "oauth",
    accessToken: "access",
    refreshToken: "refresh",
    resourceUrl: undefined,
    expiresAt: Date.now() + 6 * 3_600_000,
  }
  /** @type {import("qwen-auth-core").CredentialStore} */
  const store = {
    read: async () => ({ credential }),
    clear: async () => {},
    withLock: (task) => task({ isHeld: async () => true, reserveSpace: async () => {}, write: async () => "stored" }),
  }
  const credentials = new CredentialManager({ platform, server: authorizationServer(), store })
  const bodies = new PreparedBodies(platform)
  const apiBaseUrl = `${origin}/v1`
  return { bodies, fetch: createQwenFetch({ platform, credentials, bodies, userAgent: "bench/1.0.0", apiBaseUrl }) }
}

/**
 * The fetch with an API key. A key goes to Model Studio's hosts alone; here the network leads them to the bench's server.
 * @param {string} origin of the server to reach
 */
export function withKey(origin) {
  const platform = nodePlatform({
    fetch: (url, init) => fetch(`${origin}${new URL(url).pathname}`, init),
  })
  const [site] = PAY_AS_YOU_GO.endpoints
  if (site === undefined) throw new Error("no site")
  const current = async () => /** @type {const} */ ({ type: "api_key", apiKey: "sk-12345678", ...site })
  return createQwenFetch({
    platform,
    credentials: { getCredential: current, refresh: current, syncClock: () => {} },
    userAgent: "bench/1.0.0",
  })
}
