import type { ApiEndpoint } from "qwen-auth-core"
import type { Reply } from "./fake-platform.ts"
import { rejected } from "./refusals.ts"
import { json } from "./replies.ts"

/** The reply of an endpoint that accepts the key: its model list. */
export const accepting = (...ids: string[]): Reply => json({ data: ids.map((id) => ({ id })) })

/** Replies for each endpoint; all others refuse the key. */
export function endpointReplies(...answers: readonly (readonly [ApiEndpoint, Reply])[]): Reply {
  return (request) => {
    const match = answers.find(([{ baseUrl }]) => request.url === `${baseUrl}/models`)
    return (match?.[1] ?? rejected)(request)
  }
}

/** One of a plan's endpoints, in the catalogue's order. */
export function endpointOf({ endpoints }: { readonly endpoints: readonly ApiEndpoint[] }, index = 0): ApiEndpoint {
  const endpoint = endpoints[index]
  if (endpoint === undefined) throw new Error("the catalogue has no such endpoint")
  return endpoint
}
