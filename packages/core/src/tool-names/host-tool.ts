import * as v from "valibot"

/** No known host tool has more parameters. The limit keeps the prompt short. */
const MAX_PARAMETERS = 16

/** Tool names can come from third parties. Only plain identifiers may enter the prompt. */
const Name = v.pipe(v.string(), v.regex(/^[A-Za-z_][\w-]{0,39}$/))
const Required = v.fallback(v.array(v.string()), [])
const parameters = <T extends v.GenericSchema>(parameter: T) =>
  v.object({ properties: v.pipe(v.record(Name, parameter), v.maxEntries(MAX_PARAMETERS)), required: Required })

/**
 * Parses the parts of a host's tool that the tool name prompt uses: its id, the start of its description and its
 * parameter names.
 */
export const HostTool = v.object({
  id: v.string(),
  description: v.fallback(
    v.pipe(
      v.string(),
      v.transform((text) => text.slice(0, 80)),
    ),
    "",
  ),
  /** Undefined if the schema is not supported. */
  parameters: v.fallback(
    v.optional(parameters(v.object({ items: v.fallback(v.optional(parameters(v.object({}))), undefined) }))),
    undefined,
  ),
})

/** The parts of a host's tool that the tool name prompt uses. */
export type HostTool = v.InferOutput<typeof HostTool>
