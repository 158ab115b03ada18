import type { PlanSite } from "../catalog/plans.ts"
import type { Reply } from "./fake-world.ts"
import { rejected } from "./refusals.ts"
import { json } from "./replies.ts"

/** The answer of a place where a key works. */
export const accepting = (...ids: string[]): Reply => json({ data: ids.map((id) => ({ id })) })

/** Answers each place in its own way; those not named refuse the key. */
export function places(...answers: readonly (readonly [PlanSite, Reply])[]): Reply {
  return (request) => {
    const own = answers.find(([{ baseUrl }]) => request.url === `${baseUrl}/models`)
    return (own?.[1] ?? rejected)(request)
  }
}

/** One of a plan's places, in the catalogue's order. */
export function siteOf({ sites }: { readonly sites: readonly PlanSite[] }, index = 0): PlanSite {
  const site = sites[index]
  if (site === undefined) throw new Error("the catalogue has no such place")
  return site
}
