import { isPlanKey, PAY_AS_YOU_GO } from "qwen-auth-core/internal"
import { ANTHROPIC_FORMAT, PLAN_KEY } from "../messages.ts"
import type { ChatRequest } from "./chat-request.ts"

/**
 * Stops a request that the service would refuse because of OpenCode's configuration. The service's own error does not
 * explain it.
 * @param ours whether this plugin sends the request
 * @throws Error that says what to change
 */
export function requireUsableSetup(request: ChatRequest, ours: boolean): void {
  const { apiKey, fetch, authorized, qwenUrl, sdk } = request
  const sdkSends = typeof fetch !== "function" && qwenUrl !== undefined
  if (sdk === "@ai-sdk/anthropic" && (ours || (sdkSends && !ANTHROPIC_PATH.test(qwenUrl.pathname)))) {
    throw new Error(ANTHROPIC_FORMAT)
  }
  if (sdkSends && !authorized && isPlanKey(apiKey) && PAY_AS_YOU_GO_HOSTS.has(qwenUrl.hostname)) {
    throw new Error(PLAN_KEY)
  }
}

/** The path of Model Studio's endpoint for Anthropic's format, `…/apps/anthropic`. This plugin sends nothing there. */
const ANTHROPIC_PATH = /\/anthropic(?:\/|$)/
const PAY_AS_YOU_GO_HOSTS = new Set(PAY_AS_YOU_GO.endpoints.map(({ baseUrl }) => new URL(baseUrl).hostname))
