import type { ApiEndpoint } from "qwen-auth-core"
import type { Reply } from "./fake-platform.ts"
import { rejected } from "./refusals.ts"
import { json } from "./replies.ts"

/** The answer of a place where a key works. */
export const accepting = (...ids: string[]): Reply => json({ data: ids.map((id) => ({ id })) })

/** Answers each place in its own way; those not named refuse the key. */
export function places(...answers: readonly (readonly [ApiEndpoint, Reply])[]): Reply {
  return (request) => {
    const own = answers.find(([{ baseUrl }]) => request.url === `${baseUrl}/models`)
    return (own?.[1] ?? rejected)(request)
  }
}

/** One of a plan's places, in the catalogue's order. */
export function siteOf({ endpoints }: { readonly endpoints: readonly ApiEndpoint[] }, index = 0): ApiEndpoint {
  const site = endpoints[index]
  if (site === undefined) throw new Error("the catalogue has no such place")
  return site
}
