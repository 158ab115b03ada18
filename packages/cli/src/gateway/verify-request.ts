import type { IncomingMessage } from "node:http"
import { hasLocalKey } from "./local-key.ts"
import { Refusal } from "./refusal.ts"

/**
 * Refuses requests of a web page or a misled program. A page cannot set `Host`, which reveals a name that was rebound to
 * this computer. Browsers send `Origin` with requests across origins.
 * @throws Refusal 403 `host_not_allowed`, `origin_not_allowed`; 400 `bad_request` for a request that two programs could
 *   understand differently; 415 `encoding_not_supported`
 */
export function verifySource(request: IncomingMessage, port: number): void {
  const { headers } = request
  if (countHeader(request, "host") !== 1 || !isOwnHost(headers.host ?? "", port)) {
    throw new Refusal(403, "host_not_allowed", "The gateway answers only at its own address on this computer.")
  }
  if (headers.origin !== undefined) {
    throw new Refusal(403, "origin_not_allowed", "The gateway does not answer requests of web pages.")
  }
  // Node refuses two lengths, of one kind or of both. It takes other encodings, and a request line without a version.
  const transfer = headers["transfer-encoding"]
  const chunked = transfer === undefined || transfer.toLowerCase() === "chunked"
  if (!chunked || headers.upgrade !== undefined || !/^1\.[01]$/.test(request.httpVersion)) {
    throw new Refusal(400, "bad_request", "The request's version, Transfer-Encoding or Upgrade is not supported.")
  }
  const encoding = headers["content-encoding"]
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw new Refusal(415, "encoding_not_supported", "Send the request body without Content-Encoding.")
  }
}

/** @throws Refusal 401 `invalid_api_key` */
export function verifyLocalKey(request: IncomingMessage, localKey: string): void {
  if (hasLocalKey(request.headers, localKey)) return
  throw new Refusal(
    401,
    "invalid_api_key",
    "The gateway's local key is missing or wrong. Send the key that `qwen-auth serve` printed or stored, as the API key.",
  )
}

function isOwnHost(host: string, port: number): boolean {
  const names = ["127.0.0.1", "localhost", "[::1]"]
  const given = host.toLowerCase()
  return names.some((name) => given === `${name}:${port}` || (port === 80 && given === name))
}

function countHeader({ rawHeaders }: IncomingMessage, wanted: string): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === wanted).length
}
