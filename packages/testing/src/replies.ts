import type { QwenAuthErrorCode } from "qwen-auth-core"
import type { Reply } from "./fake-platform.ts"

type HeaderFields = Readonly<Record<string, string>>

/** A JSON response. */
export function json(value: unknown, status = 200, headers: HeaderFields = {}): Reply {
  return text(JSON.stringify(value), status, { "content-type": "application/json", ...headers })
}

/** A response with any body. */
export function text(body: string, status = 200, headers: HeaderFields = {}): Reply {
  return () => new Response(body, { status, headers })
}

/** A response without a body. */
export function empty(status: number, headers: HeaderFields = {}): Reply {
  return () => new Response(null, { status, headers })
}

/** A gateway's HTML page. */
export function page(status: number, headers: HeaderFields = {}): Reply {
  return text("<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>", status, {
    "content-type": "text/html",
    ...headers,
  })
}

/** The page of Alibaba's web firewall, as observed: it has no content type. */
export function firewallPage(status: number): Reply {
  return text('<!doctypehtml><meta name="aliyun_waf_aa" content="f3">', status)
}

/** A network error, as Node's fetch reports it. */
export function networkError(reason = "connect ECONNREFUSED 127.0.0.1:1"): Reply {
  return () => Promise.reject(new TypeError("fetch failed", { cause: new Error(reason) }))
}

/** Connections that fail until the user changes the network: a name, the reply, and the code of the error. */
export const BLOCKED_CONNECTIONS: readonly (readonly [string, Reply, QwenAuthErrorCode])[] = [
  ["a proxy that refuses", networkError("Proxy response (407) !== 200 when HTTP Tunneling"), "proxy_refused"],
  ["a response of the proxy", empty(407), "proxy_refused"],
  ["a certificate", networkError("self-signed certificate in certificate chain"), "certificate_not_trusted"],
]

/** A connection that stays open without a response until the caller aborts. */
export const silence: Reply = ({ signal }) =>
  new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true })
  })

/** A reply that is sent when `gate` resolves. */
export function after(gate: Promise<unknown>, reply: Reply): Reply {
  return async (request) => {
    await gate
    return reply(request)
  }
}
