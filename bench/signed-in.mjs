import {
  authorizationServer,
  CredentialManager,
  createQwenFetch,
  PAY_AS_YOU_GO,
  PreparedBodies,
  systemWorld,
} from "qwen-auth-core"

/**
 * The authenticated fetch with a valid credential in memory, so that only its own work is measured, and what prepares its bodies.
 * @param {string} origin of the server to reach
 */
export function signedIn(origin) {
  const world = systemWorld()
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
    exclusive: (task) => task({ held: async () => true, reserve: async () => {}, write: async () => "stored" }),
  }
  const credentials = new CredentialManager({ world, server: authorizationServer(), store })
  const bodies = new PreparedBodies(world)
  const apiBaseUrl = `${origin}/v1`
  return { bodies, fetch: createQwenFetch({ world, credentials, bodies, userAgent: "bench/1.0.0", apiBaseUrl }) }
}

/**
 * The fetch with an API key. A key goes to Model Studio's hosts alone; here the network leads them to the bench's server.
 * @param {string} origin of the server to reach
 */
export function withKey(origin) {
  const world = systemWorld({
    fetch: (url, init) => fetch(`${origin}${new URL(url).pathname}`, init),
  })
  const [site] = PAY_AS_YOU_GO.sites
  if (site === undefined) throw new Error("no site")
  const current = async () => /** @type {const} */ ({ type: "api_key", apiKey: "sk-12345678", ...site })
  return createQwenFetch({
    world,
    credentials: { current, renew: current, observe: () => {} },
    userAgent: "bench/1.0.0",
  })
}
