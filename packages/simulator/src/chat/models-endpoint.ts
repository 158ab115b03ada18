import { jsonReply } from "../http/reply.ts"
import type { Endpoint } from "../world.ts"
import { tokenRejected } from "./api-error.ts"
import { bearerAccepted } from "./bearer.ts"
import { MODELS } from "./models.ts"

/** `GET /v1/models`: the models in OpenAI's list form. */
export const modelsEndpoint: Endpoint = (request, world) => {
  if (!bearerAccepted(request, world)) return tokenRejected()
  const data = Object.keys(MODELS).map((id) => ({ id, object: "model", created: 0, owned_by: "qwen" }))
  return jsonReply(200, { object: "list", data })
}
