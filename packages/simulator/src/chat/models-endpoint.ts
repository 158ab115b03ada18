import type { Endpoint } from "../world.ts"
import { tokenRefusal } from "./bearer.ts"
import { modelList } from "./model-list.ts"
import { MODELS } from "./models.ts"

/** `GET /v1/models` of the OAuth route. */
export const modelsEndpoint: Endpoint = (request, world) =>
  tokenRefusal(request, world) ?? modelList(Object.keys(MODELS))
