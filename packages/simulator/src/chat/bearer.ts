import type { SimulatorRequest } from "../http/request.ts"
import type { World } from "../world.ts"

/** Whether the request carries an access token (RFC 6750 §2.1) that was issued here and is still good. */
export function bearerAccepted(request: SimulatorRequest, world: World): boolean {
  const token = /^bearer +([^ ]+)$/i.exec(request.headers.authorization ?? "")?.[1]
  return token !== undefined && world.tokens.accepts(token)
}
