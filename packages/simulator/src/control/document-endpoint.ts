import { DocumentError } from "../fields.ts"
import type { Reply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import { parseJson } from "../json.ts"
import type { Endpoint, World } from "../world.ts"
import { refusal } from "./refusal.ts"

/** An endpoint that takes a JSON document. `read` parses it; an invalid document is a 400. */
export function documentEndpoint<T>(
  read: (document: unknown, world: World) => T,
  act: (wanted: T, world: World, request: SimulatorRequest) => Reply | Promise<Reply>,
): Endpoint {
  return (request, world) => {
    const document = parseJson(request.text)
    if (document === undefined) return refusal(400, "The body is not JSON")
    const wanted = readOrRefuse(() => read(document, world))
    return "refusal" in wanted ? wanted.refusal : act(wanted.value, world, request)
  }
}

function readOrRefuse<T>(read: () => T): { value: T } | { refusal: Reply } {
  try {
    return { value: read() }
  } catch (error) {
    if (error instanceof DocumentError) return { refusal: refusal(400, error.message) }
    throw error
  }
}
