import { hostNamed } from "../hosts/host-table.ts"
import type { ProxyScenario } from "../scenario/scenario.ts"

/** The reason why a CONNECT is refused. */
export interface ConnectRefusal {
  status: 403 | 407 | 502
  reason: string
  headers: Readonly<Record<string, string>>
}

/** Returns `undefined` (a tunnel) for `HOST:443` of a simulated host with the scenario's credentials. */
export function connectRefusal(
  authority: string,
  authorization: string | undefined,
  { credentials, down }: ProxyScenario,
): ConnectRefusal | undefined {
  if (down) return { status: 502, reason: "Bad Gateway", headers: {} }
  if (credentials !== null && credentialsIn(authorization) !== credentials) {
    const headers = { "proxy-authenticate": 'Basic realm="qwen-simulator"' }
    return { status: 407, reason: "Proxy Authentication Required", headers }
  }
  const name = /^(.*):443$/.exec(authority)?.[1]
  const known = name !== undefined && hostNamed(name).kind !== "unknown"
  return known ? undefined : { status: 403, reason: "Forbidden", headers: {} }
}

/** `user:password` of a `Basic` header (RFC 7617). */
function credentialsIn(authorization: string | undefined): string | undefined {
  const encoded = /^basic +(\S+)$/i.exec(authorization ?? "")?.[1]
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8")
}
