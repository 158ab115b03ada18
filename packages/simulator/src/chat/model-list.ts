import { jsonReply, type Reply } from "../http/reply.ts"

/** Models in OpenAI's list form. */
export function modelList(ids: readonly string[]): Reply {
  const data = ids.map((id) => ({ id, object: "model", created: 0, owned_by: "system" }))
  return jsonReply(200, { object: "list", data })
}
