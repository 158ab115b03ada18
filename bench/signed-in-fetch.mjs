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
  const store = {
    read: async () => ({ credential }),
    write: async () => {},
    clear: async () => {},
    /** @template T @param {() => Promise<T>} task */
    exclusive: (task) => task(),
  }
  const credentials = new CredentialManager({ world, server: authorizationServer(), store })
  return createQwenFetch({ world, credentials, userAgent: "bench/1.0.0", apiBaseUrl: `${origin}/v1` })
}
