import { writeFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { CERTIFIED_NAMES } from "../hosts/host-table.ts"
import { close, listen } from "../http/listening.ts"
import { jsonReply } from "../http/reply.ts"
import type { World } from "../world.ts"
import { makeCertificates } from "./certificate.ts"
import { type ConnectRefusal, connectRefusal } from "./connect-refusal.ts"
import { newTunnels, type Tunnels } from "./tunnels.ts"

export interface ProxyOptions {
  /** Port on 127.0.0.1; 0 takes a free one. */
  port: number
  /** The file for the certificates, as PEM. */
  certificateFile: string
}

export interface Proxy {
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  origin: string
  close(): Promise<void>
}

/**
 * Starts the proxy, which serves the simulated hosts by their real https names and nothing else. No request
 * leaves this machine.
 *
 * @throws the system's error when the certificates cannot be written or the port cannot be taken.
 */
export async function startProxy({ port, certificateFile }: ProxyOptions, world: World): Promise<Proxy> {
  const certificates = await makeCertificates(CERTIFIED_NAMES)
  // The valid certificate is first, for clients that read only one.
  const { good, ...flawed } = certificates
  const trusted = [good, ...Object.values(flawed)].map(({ cert }) => cert.trim())
  await writeFile(certificateFile, `${trusted.join("\n")}\n`)
  const tunnels = newTunnels(certificates, world)
  const server = createServer((message, response) => refusePlain(message, response, world))
  server.on("connect", (message, socket, head) => connect(message, socket, head, tunnels, world))
  const origin = `http://127.0.0.1:${await listen(server, port)}`
  return { origin, close: () => closeAll(server, tunnels) }
}

function connect(message: IncomingMessage, socket: Duplex, head: Buffer, tunnels: Tunnels, world: World): void {
  socket.on("error", () => socket.destroy())
  const authority = message.url ?? ""
  const { proxy } = world.scenario.present
  const refusal = connectRefusal(authority, message.headers["proxy-authorization"], proxy)
  if (refusal === undefined) {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
    tunnels.open(socket, head)
    return
  }
  logRefused(message, { host: authority.replace(/:443$/, ""), path: "" }, refusal.status, world)
  socket.end(refusalText(refusal))
}

function refusalText({ status, reason, headers }: ConnectRefusal): string {
  const sent = { ...headers, "content-length": "0", connection: "close" }
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join("")}\r\n`
}

/** Qwen uses only https, so a plain request comes from a misconfigured client or is for another host. */
function refusePlain(message: IncomingMessage, response: ServerResponse, world: World): void {
  const target = URL.canParse(message.url ?? "") ? new URL(message.url ?? "") : undefined
  const host = target?.host ?? message.headers.host ?? ""
  logRefused(message, { host, path: target?.pathname ?? message.url ?? "" }, 403, world)
  const { status, headers, body } = jsonReply(403, {
    error: { code: "not_simulated", message: "This proxy only takes CONNECT to the hosts of the simulator" },
  })
  message.resume()
  response.writeHead(status, { ...headers, connection: "close" }).end(body)
}

function logRefused(
  { method = "", headers }: IncomingMessage,
  target: { host: string; path: string },
  status: number,
  world: World,
): void {
  world.log.add({ time: world.clock.now(), method, ...target, proxied: true, query: {}, headers }).answered(status)
}

async function closeAll(server: Server, tunnels: Tunnels): Promise<void> {
  tunnels.close()
  await close(server)
}
