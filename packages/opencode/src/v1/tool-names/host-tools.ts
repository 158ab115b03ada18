import { HostTool } from "qwen-auth-core/internal"
import * as v from "valibot"
import { CODE_MODE, KNOWN_TOOLS } from "../../shared/tool-names.ts"

const IDS = new Set([
  CODE_MODE,
  ...KNOWN_TOOLS.flatMap(({ names, equivalents: standIns }) => [...names, ...standIns.map(({ id }) => id)]),
])

/** A tool that the bridge has something to say about. */
const ListedTool = v.pipe(
  HostTool,
  v.check(({ id }) => IDS.has(id)),
)

const ToolList = v.object({ data: v.array(v.unknown()) })

/** What the client's `tool.list` answered, reduced to tools the bridge knows of; undefined when it is no such answer. */
export function hostTools(answer: unknown): HostTool[] | undefined {
  const parsed = v.safeParse(ToolList, answer)
  if (!parsed.success) return undefined
  return parsed.output.data.flatMap((item) => {
    const tool = v.safeParse(ListedTool, item)
    return tool.success ? [tool.output] : []
  })
}
