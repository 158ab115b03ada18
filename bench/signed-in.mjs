import { authorizationServer, CredentialManager, createQwenFetch, systemWorld } from "qwen-auth-core"

/**
 * The authenticated fetch with a valid credential in memory, so that only its own work is measured.
 * @param {string} origin of the server to reach
 */
export function signedInFetch(origin) {
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
  return createQwenFetch({ world, credentials, userAgent: "bench/1.0.0", apiBaseUrl: `${origin}/v1` })
}
