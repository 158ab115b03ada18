import { jsonReply, type Reply } from "../http/reply.ts"
import { isJsonObject, parseJson } from "../json.ts"

/** A refusal of the Anthropic route: code and message at the top level. */
export function nativeError(reply: Reply): Reply {
  const document = typeof reply.body === "string" ? parseJson(reply.body) : undefined
  if (!isJsonObject(document) || !isJsonObject(document["error"])) return reply
  const { code, message } = document["error"]
  return jsonReply(reply.status, { code, message, request_id: document["request_id"] })
}
