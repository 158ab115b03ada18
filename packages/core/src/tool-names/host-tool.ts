import * as v from "valibot"

/** More has no tool of a host, and the text must stay short. */
const MOST_PARAMETERS = 16

/** Others make tools too: what is no plain name does not get into a prompt. */
const Name = v.pipe(v.string(), v.regex(/^[A-Za-z_][\w-]{0,39}$/))
const Required = v.fallback(v.array(v.string()), [])
const parameters = <T extends v.GenericSchema>(parameter: T) =>
  v.object({ properties: v.pipe(v.record(Name, parameter), v.maxEntries(MOST_PARAMETERS)), required: Required })

/** A tool as far as the bridge speaks of it: its parameters' names, and those of the objects in a list. */
export const HostTool = v.object({
  id: v.string(),
  description: v.fallback(
    v.pipe(
      v.string(),
      v.transform((text) => text.slice(0, 80)),
    ),
    "",
  ),
  /** Absent when they cannot be understood. */
  parameters: v.fallback(
    v.optional(parameters(v.object({ items: v.fallback(v.optional(parameters(v.object({}))), undefined) }))),
    undefined,
  ),
})

/** A tool as far as the bridge speaks of it. */
export type HostTool = v.InferOutput<typeof HostTool>
