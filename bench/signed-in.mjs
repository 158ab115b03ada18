import { authorizationServer, nodePlatform } from "qwen-auth-core"
import { CredentialManager, createQwenFetch, PAY_AS_YOU_GO, PreparedBodies } from "qwen-auth-core/internal"

/**
 * Creates the authenticated fetch with a valid credential in memory, so that only its own work is measured, and its prepared bodies.
 * @param {string} origin the server's origin
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
 * Creates the fetch with an API key, and its prepared bodies. A key is sent only to Model Studio's hosts, so the platform's fetch maps them to the server.
 * @param {string} origin the server's origin
 */
export function withKey(origin) {
  const platform = nodePlatform({
    fetch: (url, init) => fetch(`${origin}${new URL(url).pathname}`, init),
  })
  const [endpoint] = PAY_AS_YOU_GO.endpoints
  if (endpoint === undefined) throw new Error("no endpoint")
  const getCredential = async () => /** @type {const} */ ({ type: "api_key", apiKey: "sk-12345678", ...endpoint })
  const bodies = new PreparedBodies(platform)
  const credentials = { getCredential, refresh: getCredential, syncClock: () => {} }
  return { bodies, fetch: createQwenFetch({ platform, credentials, bodies, userAgent: "bench/1.0.0" }) }
}
