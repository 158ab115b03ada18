import { OfferedTool } from "qwen-auth-core"
import * as v from "valibot"
import { CODE_MODE, TRAINED_TOOLS } from "./tool-names.ts"

const IDS = new Set([
  CODE_MODE,
  ...TRAINED_TOOLS.flatMap(({ names, standIns }) => [...names, ...standIns.map(({ id }) => id)]),
])

/** A tool that the bridge has something to say about. */
export const KnownTool = v.pipe(
  OfferedTool,
  v.check(({ id }) => IDS.has(id)),
)

const ToolList = v.object({ data: v.array(v.unknown()) })

/** What the client's `tool.list` answered, reduced to tools the bridge knows of; undefined when it is no such answer. */
export function offeredTools(answer: unknown): OfferedTool[] | undefined {
  const parsed = v.safeParse(ToolList, answer)
  if (!parsed.success) return undefined
  return parsed.output.data.flatMap((item) => {
    const tool = v.safeParse(KnownTool, item)
    return tool.success ? [tool.output] : []
  })
}
