import * as v from "valibot"
import type { Simulator } from "../shared/simulator-process.ts"

const Entry = v.object({
  time: v.number(),
  status: v.optional(v.number()),
  body: v.fallback(v.object({ grant_type: v.string(), refresh_token: v.string() }), {
    grant_type: "",
    refresh_token: "",
  }),
})

/** A refresh request that reached the simulator. */
export interface LoggedRefresh {
  /** Epoch ms. */
  readonly time: number
  readonly refreshToken: string
  /** `undefined` when the client disconnected before the response. The refresh token is used up even then. */
  readonly status: number | undefined
}

/** The refreshes among the simulator's newest 5 000 requests, oldest first. */
export async function refreshLog(simulator: Simulator): Promise<LoggedRefresh[]> {
  return v
    .parse(v.array(Entry), await simulator.log())
    .filter(({ body }) => body.grant_type === "refresh_token")
    .map(({ time, status, body }) => ({ time, status, refreshToken: body.refresh_token }))
}
