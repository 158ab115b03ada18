import type { ApiEndpoint } from "qwen-auth-core"
import type { Reply } from "./fake-platform.ts"
import { apiError, rejected } from "./refusals.ts"
import { json } from "./replies.ts"

/** The Coding Plan's refusal of a model that does not exist. The key is right. */
export const unknownModel = apiError(400, "invalid_parameter_error", "model 'no-such-model' is not supported")

/** The reply of an endpoint that accepts the key: its model list, or that there is no such model to chat with. */
export const accepting =
  (...ids: string[]): Reply =>
  (request) =>
    (request.url.endsWith("/models") ? json({ data: ids.map((id) => ({ id })) }) : unknownModel)(request)

/** Answers the requests that find a key's endpoint, and all others differently. */
export function findingKeys(finding: Reply, rest: Reply): Reply {
  return (request) => {
    const isCheck = request.url.endsWith("/models") || String(request.body).includes("no-such-model-key-check")
    return (isCheck ? finding : rest)(request)
  }
}

/** Replies for each endpoint; all others refuse the key. */
export function endpointReplies(...answers: readonly (readonly [ApiEndpoint, Reply])[]): Reply {
  return (request) => {
    const match = answers.find(([{ baseUrl }]) =>
      [`${baseUrl}/models`, `${baseUrl}/chat/completions`].includes(request.url),
    )
    return (match?.[1] ?? rejected)(request)
  }
}

/** One of a plan's endpoints, in the catalogue's order. */
export function endpointOf({ endpoints }: { readonly endpoints: readonly ApiEndpoint[] }, index = 0): ApiEndpoint {
  const endpoint = endpoints[index]
  if (endpoint === undefined) throw new Error("the catalogue has no such endpoint")
  return endpoint
}
