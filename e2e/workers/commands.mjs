import * as v from "valibot"

const Times = v.object({ heartbeatMs: v.number(), abandonedMs: v.number(), staleMs: v.number(), waitMs: v.number() })

const signIn = { origin: v.string(), file: v.string(), lockTimes: v.optional(Times) }

/** What a worker can be told to do, one line of JSON each. */
export const Command = v.pipe(
  v.string(),
  v.parseJson(),
  v.variant("do", [
    /** Send so many chat requests at once with a manager that knows nothing yet. */
    v.object({ do: v.literal("ask"), id: v.number(), ...signIn, requests: v.number() }),
    /** Get a credential that works, with a manager that knows nothing yet. */
    v.object({ do: v.literal("renew"), id: v.number(), ...signIn }),
    /** Take a lock, hold it alone for a while, let go. `witness` is a file that only a lone holder can make. */
    v.object({
      do: v.literal("hold"),
      id: v.number(),
      folder: v.string(),
      times: Times,
      holdMs: v.number(),
      witness: v.string(),
    }),
    /** Take locks and never let go. */
    v.object({ do: v.literal("keep"), id: v.number(), folders: v.array(v.string()), times: Times }),
  ]),
)
