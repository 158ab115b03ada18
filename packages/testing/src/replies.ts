import type { Reply } from "./fake-platform.ts"

type HeaderFields = Readonly<Record<string, string>>

/** A JSON answer. */
export function json(value: unknown, status = 200, headers: HeaderFields = {}): Reply {
  return text(JSON.stringify(value), status, { "content-type": "application/json", ...headers })
}

/** An answer with any body. */
export function text(body: string, status = 200, headers: HeaderFields = {}): Reply {
  return () => new Response(body, { status, headers })
}

/** An answer with nothing in it. */
export function empty(status: number, headers: HeaderFields = {}): Reply {
  return () => new Response(null, { status, headers })
}

/** A gateway's page. */
export function page(status: number, headers: HeaderFields = {}): Reply {
  return text("<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>", status, {
    "content-type": "text/html",
    ...headers,
  })
}

/** The page of Alibaba's web firewall, as it was seen: no content type to go by. */
export function firewallPage(status: number): Reply {
  return text('<!doctypehtml><meta name="aliyun_waf_aa" content="f3">', status)
}

/** No answer at all, as Node's fetch reports it. */
export function networkError(reason = "connect ECONNREFUSED 127.0.0.1:1"): Reply {
  return () => Promise.reject(new TypeError("fetch failed", { cause: new Error(reason) }))
}

/** A connection that stays open without an answer until the caller gives up, as fetch does it. */
export const silence: Reply = ({ signal }) =>
  new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true })
  })

/** An answer that comes when `gate` opens. */
export function after(gate: Promise<unknown>, reply: Reply): Reply {
  return async (request) => {
    await gate
    return reply(request)
  }
}
