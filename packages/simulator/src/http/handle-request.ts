import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { isJsonObject, parseJson } from "../json.ts"
import type { LogEntry } from "../log/request-log.ts"
import { firewallPage } from "../scenario/firewall-page.ts"
import type { ScriptedAnswer } from "../scenario/scenario.ts"
import { scriptedReply } from "../scenario/scripted-reply.ts"
import type { World } from "../world.ts"
import { type Address, addressOf } from "./address.ts"
import type { Carrier } from "./carrier.ts"
import { BodyTooLargeError, readBody } from "./read-body.ts"
import { emptyReply, jsonReply, type Reply } from "./reply.ts"
import type { SimulatorRequest } from "./request.ts"
import { type Route, routeTo } from "./routes.ts"
import { sendReply } from "./send-reply.ts"

/** The body limit for unknown paths: enough for the log to show what a misconfigured client sent. */
const UNROUTED_BODY = 1024 * 1024

/** Handles every request of a server. */
export function requestListener(world: World, carrier: Carrier): RequestListener {
  return (message, response) => {
    handleRequest(message, response, carrier, world).catch((error: unknown) => failed(response, error))
  }
}

/** A disconnected client is not an error. Anything else is a fault of the simulator and must not look like a response of Qwen. */
function failed(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return
  if (response.headersSent) {
    response.destroy()
    return
  }
  const message = error instanceof Error ? error.message : String(error)
  response.writeHead(500, { "content-type": "application/json" })
  response.end(JSON.stringify({ error: { code: "simulator_fault", message } }))
}

/** Handles one request: reads it, logs it and answers it according to the scenario. */
async function handleRequest(
  message: IncomingMessage,
  response: ServerResponse,
  carrier: Carrier,
  world: World,
): Promise<void> {
  const gone = new AbortController()
  const address = addressOf(message, world.origin, carrier.proxied)
  const route = routeTo(address.host, address.path)
  const entry = route?.control ? undefined : logged(message, address, world)
  response.on("close", () => {
    gone.abort()
    if (!response.writableFinished) entry?.left()
  })
  const send = (reply: Reply, scripted?: ScriptedAnswer) =>
    answer(response, reply, scripted, { entry, signal: gone.signal, reset: () => carrier.reset(message) })

  const read = await bodyOrRefusal(message, route)
  if (typeof read !== "string") return await send(read)
  entry?.body(read)

  const { headers, method = "GET" } = message
  const request = { ...address, method, headers, text: read, signal: gone.signal }
  const firewall = !route?.control && world.scenario.present.firewall
  if (firewall) return await send(firewallPage())

  const name = route?.scripted(request)
  const scripted = name === undefined ? undefined : world.scenario.nextAnswer(name)
  const reply =
    scripted === undefined || scripted.pass
      ? await realReply(request, route, world)
      : scriptedReply(scripted, { now: world.clock.now(), model: modelIn(read) })
  await send(reply, scripted)
}

function logged(message: IncomingMessage, { host, way, path, query }: Address, world: World): LogEntry {
  return world.log.add({
    time: world.clock.now(),
    method: message.method ?? "GET",
    host: host.name,
    ...(way === "proxy" ? { proxied: true as const } : {}),
    path,
    query: Object.fromEntries(query),
    headers: message.headers,
  })
}

async function bodyOrRefusal(message: IncomingMessage, route: Route | undefined): Promise<string | Reply> {
  try {
    return await readBody(message, route?.bodyLimit ?? UNROUTED_BODY)
  } catch (error) {
    if (error instanceof BodyTooLargeError) return plainError(413, "body_too_large", error.message)
    throw error
  }
}

function modelIn(text: string): string {
  const body = parseJson(text)
  return isJsonObject(body) && typeof body["model"] === "string" ? body["model"] : ""
}

/** The request is processed here, before any delay: a client that gives up while waiting has still used its token. */
function realReply(request: SimulatorRequest, route: Route | undefined, world: World): Reply | Promise<Reply> {
  if (route === undefined) return nothingThere(request)
  const endpoint = Object.hasOwn(route.endpoints, request.method) ? route.endpoints[request.method] : undefined
  if (endpoint !== undefined) return endpoint(request, world)
  const allow = Object.keys(route.endpoints).join(", ")
  return plainError(405, "method_not_allowed", `${request.path} takes ${allow}`, { allow })
}

/** The Coding Plan answers an unknown path without a body. */
function nothingThere({ host, path }: SimulatorRequest): Reply {
  const silent = host.kind === "plan" && host.plan === "coding"
  return silent ? emptyReply(404) : plainError(404, "not_found", `Nothing is at ${path}`)
}

function plainError(status: number, code: string, message: string, headers: Record<string, string> = {}): Reply {
  return jsonReply(status, { error: { code, message } }, headers)
}

/** The parts of a request that sending its reply needs. */
interface Answering {
  entry: LogEntry | undefined
  signal: AbortSignal
  /** Resets the connection. */
  reset(): void
}

async function answer(
  response: ServerResponse,
  reply: Reply,
  scripted: ScriptedAnswer | undefined,
  { entry, signal, reset }: Answering,
): Promise<void> {
  if (scripted !== undefined && scripted.delayMs > 0) await sleep(scripted.delayMs, undefined, { signal })
  if (scripted?.reset) return reset()
  entry?.answered(reply.status)
  await sendReply(response, reply, { cutAfterBytes: scripted?.cutAfterBytes ?? undefined, signal })
}
