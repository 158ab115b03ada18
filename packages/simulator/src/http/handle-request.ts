import type { IncomingMessage, ServerResponse } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import type { LogEntry } from "../log/request-log.ts"
import { firewallPage } from "../scenario/firewall-page.ts"
import type { ScriptedAnswer } from "../scenario/scenario.ts"
import { scriptedReply } from "../scenario/scripted-reply.ts"
import type { World } from "../world.ts"
import { BodyTooLargeError, readBody } from "./read-body.ts"
import { jsonReply, type Reply } from "./reply.ts"
import type { SimulatorRequest } from "./request.ts"
import { type Route, routes } from "./routes.ts"
import { sendReply } from "./send-reply.ts"

/** For requests to nowhere: enough for the log to show what a confused client sent. */
const UNROUTED_BODY = 1024 * 1024

/** One request from its first byte to its last: read, logged, answered as the scenario wants. */
export async function handleRequest(message: IncomingMessage, response: ServerResponse, world: World): Promise<void> {
  const gone = new AbortController()
  response.on("close", () => gone.abort())
  const url = requestUrl(message.url ?? "/", world.origin)
  const route = routes.get(url.pathname)
  const entry = route?.control ? undefined : logged(message, url, world)

  const read = await bodyOrRefusal(message, route)
  if (typeof read !== "string") return await send(response, read, undefined, entry, gone.signal)
  entry?.body(read)

  const request = {
    method: message.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: message.headers,
    text: read,
    signal: gone.signal,
  }
  const firewall = !route?.control && world.scenario.present.firewall
  if (firewall) return await send(response, firewallPage(), undefined, entry, gone.signal)

  const name = route?.scripted(request)
  const scripted = name === undefined ? undefined : world.scenario.nextAnswer(name)
  const reply = scripted === undefined || scripted.pass ? realReply(request, route, world) : scriptedReply(scripted)
  await send(response, reply, scripted, entry, gone.signal)
}

/** Joined and not resolved: a path of two slashes is a path, not another host. */
function requestUrl(target: string, origin: string): URL {
  return new URL(target.startsWith("/") ? origin + target : target, origin)
}

function logged(message: IncomingMessage, url: URL, world: World): LogEntry {
  return world.log.add({
    time: world.clock.now(),
    method: message.method ?? "GET",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
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

/** The request is processed here, before any delay: a client that gives up while waiting has still used its token. */
function realReply(request: SimulatorRequest, route: Route | undefined, world: World): Reply {
  if (route === undefined) return plainError(404, "not_found", `Nothing is at ${request.path}`)
  const endpoint = Object.hasOwn(route.endpoints, request.method) ? route.endpoints[request.method] : undefined
  if (endpoint !== undefined) return endpoint(request, world)
  const allow = Object.keys(route.endpoints).join(", ")
  return plainError(405, "method_not_allowed", `${request.path} takes ${allow}`, { allow })
}

function plainError(status: number, code: string, message: string, headers: Record<string, string> = {}): Reply {
  return jsonReply(status, { error: { code, message } }, headers)
}

async function send(
  response: ServerResponse,
  reply: Reply,
  scripted: ScriptedAnswer | undefined,
  entry: LogEntry | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (scripted !== undefined && scripted.delayMs > 0) await sleep(scripted.delayMs, undefined, { signal })
  if (scripted?.reset) {
    response.socket?.resetAndDestroy()
    return
  }
  entry?.answered(reply.status)
  await sendReply(response, reply, { cutAfterBytes: scripted?.cutAfterBytes ?? undefined, signal })
}
