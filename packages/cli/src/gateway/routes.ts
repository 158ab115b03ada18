import type { ErrorFormat } from "./refusal.ts"

/** What the gateway serves. */
type Api = "chat" | "responses" | "messages" | "count_tokens" | "models" | "health"

/** A path of the gateway. */
export interface GatewayRoute {
  readonly api: Api
  readonly method: "GET" | "POST"
  readonly format: ErrorFormat
}

const ROUTES = new Map<string, GatewayRoute>([
  ["/v1/chat/completions", { api: "chat", method: "POST", format: "openai" }],
  ["/v1/responses", { api: "responses", method: "POST", format: "openai" }],
  ["/v1/models", { api: "models", method: "GET", format: "openai" }],
  ["/v1/messages", { api: "messages", method: "POST", format: "anthropic" }],
  ["/v1/messages/count_tokens", { api: "count_tokens", method: "POST", format: "anthropic" }],
  ["/healthz", { api: "health", method: "GET", format: "openai" }],
])

/**
 * Finds the route of a request target, and its path without the query. Paths are compared as the client wrote them:
 * `//`, `..`, percent-encoded letters and absolute URLs are other paths, which nothing serves.
 */
export function findRoute(target: string): { readonly path: string; readonly route: GatewayRoute | undefined } {
  const end = target.indexOf("?")
  const path = end === -1 ? target : target.slice(0, end)
  return { path, route: ROUTES.get(path) }
}
