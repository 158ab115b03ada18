import { SIGN_IN } from "../messages.ts"
import type { ChatRequest } from "./chat-request.ts"

/**
 * Stops a request without any credential: none in OpenCode's record, the environment or the user's configuration.
 * Otherwise the whole prompt would be sent, and the response would be an error about API keys.
 * @param message the message for a user without a credential
 * @throws Error with that message
 */
export function requireCredential(request: ChatRequest, message = SIGN_IN): void {
  const { apiKey, fetch, authorized, qwenUrl } = request
  // Another host is a gateway with its own credential.
  const credential = apiKey !== "" || typeof fetch === "function" || authorized || qwenUrl === undefined
  if (!credential) throw new Error(message)
}
