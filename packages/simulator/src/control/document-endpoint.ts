import { DocumentError } from "../fields.ts"
import { jsonReply, type Reply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import { parseJson } from "../json.ts"
import type { Endpoint, World } from "../world.ts"

/** An endpoint that takes a JSON document. `read` parses it; an invalid document is a 400. */
export function documentEndpoint<T>(
  read: (document: unknown, world: World) => T,
  act: (wanted: T, world: World, request: SimulatorRequest) => Reply | Promise<Reply>,
): Endpoint {
  return (request, world) => {
    const document = parseJson(request.text)
    if (document === undefined) return refusal(400, "The body is not JSON")
    let wanted: T
    try {
      wanted = read(document, world)
    } catch (error) {
      if (error instanceof DocumentError) return refusal(400, error.message)
      throw error
    }
    return act(wanted, world, request)
  }
}

/** The refusal of a control request, with the reason. */
export function refusal(status: number, error: string): Reply {
  return jsonReply(status, { error })
}
