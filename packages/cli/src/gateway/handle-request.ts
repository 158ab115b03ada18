import type { IncomingMessage, ServerResponse } from "node:http"
import { type Credential, QwenAuthError } from "qwen-auth-core"
import { countMessageTokens } from "./count-tokens.ts"
import { type ForwardOptions, forward } from "./forward.ts"
import { gatewayModels, modelList } from "./gateway-models.ts"
import type { GatewayLimits } from "./limits.ts"
import { messagesBody } from "./messages-body.ts"
import type { AliasChoices } from "./model-aliases.ts"
import { type ErrorFormat, Refusal, sendJson, sendRefusal } from "./refusal.ts"
import { readJsonBody } from "./request-body.ts"
import type { RequestRecord } from "./request-record.ts"
import { findRoute, type GatewayRoute } from "./routes.ts"
import { UsageWatch } from "./usage.ts"
import { verifyLocalKey, verifySource } from "./verify-request.ts"

/** Options of {@link handleRequest}. */
export interface HandlerOptions extends ForwardOptions {
  readonly port: number
  readonly limits: GatewayLimits
  readonly aliases: AliasChoices
  /** Returns the credential that the fetch uses. Its plan has the models. */
  readonly credential: () => Promise<Credential>
  /** Aborts when running answers must end. */
  readonly stopped: AbortSignal
  /** Returns the time, epoch ms. */
  readonly now: () => number
  /** Receives a record of each request. Without it nothing is observed. */
  readonly onRequest: ((record: RequestRecord) => void) | undefined
}

/** Facts about a request for its record. */
interface Seen {
  model?: string
  usage?: UsageWatch
}

/** Serves one request, and never throws. */
export async function handleRequest(
  options: HandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { path, route } = findRoute(request.url ?? "")
  const seen: Seen = {}
  if (options.onRequest !== undefined) record(options, request, response, route && path, seen)
  try {
    verifySource(request, options.port)
    if (route?.api !== "health") verifyLocalKey(request, options.localKey)
    await serve(options, request, response, checked(route, request), seen)
  } catch (error) {
    refuse(request, response, error, path.startsWith("/v1/messages") ? "anthropic" : "openai")
  }
}

function checked(route: GatewayRoute | undefined, { method }: IncomingMessage): GatewayRoute {
  if (route === undefined) throw new Refusal(404, "not_found", "The gateway does not have this path.")
  if (method === route.method) return route
  throw new Refusal(405, "method_not_allowed", `This path answers ${route.method} only.`)
}

async function serve(
  options: HandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  { api, format }: GatewayRoute,
  seen: Seen,
): Promise<void> {
  if (api === "health") return sendJson(response, 200, { status: "ok" })
  if (api === "models") return sendJson(response, 200, modelList(gatewayModels(await options.credential())))
  const given = await readJsonBody(request, options.limits.bodyBytes)
  if (api === "count_tokens") return sendJson(response, 200, { input_tokens: countMessageTokens(given.json) })
  const body =
    api === "messages" ? messagesBody(given, options.aliases, gatewayModels(await options.credential())) : given
  if (typeof body.json["model"] === "string") seen.model = body.json["model"]
  const usage = options.onRequest === undefined ? undefined : new UsageWatch()
  if (usage !== undefined) seen.usage = usage
  await forward(options, {
    request,
    response,
    target: request.url ?? "",
    body: body.text,
    format,
    stopped: options.stopped,
    watch: usage && ((bytes) => usage.add(bytes)),
  })
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown, format: ErrorFormat): void {
  if (response.headersSent || response.destroyed) return void response.destroy()
  // The rest of the request is dropped, so that the client can read the answer. The time for a request limits this.
  request.resume()
  sendRefusal(response, format, asRefusal(error))
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (QwenAuthError.isInstance(error)) {
    return new Refusal(error.code === "authentication_required" ? 401 : 403, error.code, error.sentence)
  }
  return new Refusal(500, "gateway_error", "The gateway failed. Try again.")
}

function record(
  options: HandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  path: string | undefined,
  seen: Seen,
): void {
  const at = options.now()
  response.once("close", () => {
    options.onRequest?.({
      at,
      method: request.method ?? "-",
      path,
      model: seen.model,
      status: response.headersSent ? response.statusCode : undefined,
      ms: options.now() - at,
      usage: seen.usage?.result(),
    })
  })
}
