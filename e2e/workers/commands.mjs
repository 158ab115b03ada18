import * as v from "valibot"

const Times = v.object({ heartbeatMs: v.number(), abandonedMs: v.number(), staleMs: v.number(), waitMs: v.number() })

const signIn = { origin: v.string(), file: v.string(), lockTimes: v.optional(Times) }

/** The commands for a worker, one JSON line each. */
export const Command = v.pipe(
  v.string(),
  v.parseJson(),
  v.variant("do", [
    /** Send `requests` chat requests at once with a new manager. */
    v.object({ do: v.literal("ask"), id: v.number(), ...signIn, requests: v.number() }),
    /** Get a valid credential with a new manager. */
    v.object({ do: v.literal("refresh"), id: v.number(), ...signIn }),
    /** Acquire a lock, hold it for `holdMs` and release it. `witness` is a file that only a single holder can create. */
    v.object({
      do: v.literal("hold"),
      id: v.number(),
      folder: v.string(),
      times: Times,
      holdMs: v.number(),
      witness: v.string(),
    }),
    /** Acquire locks and never release them. */
    v.object({ do: v.literal("keep"), id: v.number(), folders: v.array(v.string()), times: Times }),
  ]),
)
