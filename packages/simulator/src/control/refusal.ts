import { jsonReply, type Reply } from "../http/reply.ts"

/** A control request that cannot be done, and why. */
export function refusal(status: number, error: string): Reply {
  return jsonReply(status, { error })
}
