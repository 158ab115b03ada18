import { jsonReply, type Reply } from "../http/reply.ts"
import type { Endpoint } from "../world.ts"
import { tokenRefusal } from "./bearer.ts"
import { MODELS } from "./models.ts"

/** `GET /v1/models` of the OAuth route. */
export const modelsEndpoint: Endpoint = (request, world) =>
  tokenRefusal(request, world) ?? modelList(Object.keys(MODELS))

/** Models in OpenAI's list form. */
export function modelList(ids: readonly string[]): Reply {
  const data = ids.map((id) => ({ id, object: "model", created: 0, owned_by: "system" }))
  return jsonReply(200, { object: "list", data })
}
