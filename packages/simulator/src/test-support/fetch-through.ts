import { once } from "node:events"
import { request as httpRequest } from "node:http"
import type { Socket } from "node:net"
import { connect as tlsConnect } from "node:tls"

/** A request through the proxy. */
export interface ThroughInit {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** A proxy and its certificate. */
export interface TrustedProxy {
  proxy: string
  certificate: string
}

/** Sends an https request through a proxy, on its own connection. Node 20's fetch does not support proxies. */
export async function fetchThrough(via: TrustedProxy, url: string, init: ThroughInit = {}): Promise<Response> {
  const { hostname, pathname, search } = new URL(url)
  const { status, socket } = await connectThrough(via.proxy, `${hostname}:443`)
  if (status !== 200) throw new Error(`The proxy answered ${status}`)
  const tls = tlsConnect({ socket, servername: hostname, ca: via.certificate })
  await once(tls, "secureConnect")
  const headers = { host: hostname, ...init.headers }
  const path = pathname + search
  const request = httpRequest({ createConnection: () => tls, method: init.method ?? "GET", path, headers })
  request.end(init.body)
  const [response] = await once(request, "response")
  let text = ""
  for await (const piece of response.setEncoding("utf8")) text += piece
  tls.destroy()
  return new Response(text === "" ? null : text, { status: response.statusCode, headers: response.headers })
}

/** A proxy's response to a CONNECT. */
export interface Connected {
  status: number | undefined
  headers: Record<string, unknown>
  socket: Socket
}

/** Asks a proxy for a tunnel. */
export async function connectThrough(
  proxy: string,
  authority: string,
  headers: Record<string, string> = {},
): Promise<Connected> {
  const { hostname, port } = new URL(proxy)
  const request = httpRequest({ host: hostname, port, method: "CONNECT", path: authority, headers, agent: false })
  request.end()
  const [response, socket] = await once(request, "connect")
  return { status: response.statusCode, headers: response.headers, socket }
}
