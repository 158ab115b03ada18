import { jsonReply, type Reply } from "../http/reply.ts"

/** The refusal of a control request, with the reason. */
export function refusal(status: number, error: string): Reply {
  return jsonReply(status, { error })
}
