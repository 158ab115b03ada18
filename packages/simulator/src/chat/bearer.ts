import type { Reply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import type { World } from "../world.ts"
import { sessionExpired, tokenRejected } from "./api-error.ts"

/** The bearer token in the `Authorization` header (RFC 6750 §2.1). */
export function bearerOf(request: SimulatorRequest): string | undefined {
  return /^bearer +([^ ]+)$/i.exec(request.headers.authorization ?? "")?.[1]
}

/** The refusal of a request whose access token is unknown, no longer valid, or bound to another host. */
export function tokenRefusal(request: SimulatorRequest, world: World): Reply | undefined {
  const token = bearerOf(request)
  if (token === undefined || !world.tokens.accepts(token)) return tokenRejected()
  const host = world.tokens.hostOf(token)
  const elsewhere = request.host.kind === "qwen" && host !== undefined && host !== request.host.name
  return elsewhere ? sessionExpired() : undefined
}
