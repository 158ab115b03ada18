import type { HostTool } from "qwen-auth-core/internal"
import { readJsonFile, writeJsonFile } from "qwen-auth-local/json-file"
import * as v from "valibot"
import { ListedTool } from "./host-tools.ts"

/** What they take stays well below the largest size of such a file. */
const MOST_MODELS = 16

/** Which tools a model was offered when OpenCode was last asked. */
export interface ToolCache {
  /** Undefined when nothing is known, or nothing that this version wrote. Never rejects. */
  read(model: string): Promise<HostTool[] | undefined>
  /** @throws the file system's error; the file then holds what it held */
  keep(model: string, tools: readonly HostTool[]): Promise<void>
}

/**
 * A cache in a file that only its owner reads (0600). It holds facts, from which the text is made anew: whatever stands in the
 * file, no sentence of it gets into a prompt.
 * @param file absolute path
 * @param version the plugin's; what another wrote is not used
 */
export function toolCache(file: string, version: string): ToolCache {
  const Content = v.object({ version: v.literal(version), models: v.record(v.string(), v.array(ListedTool)) })
  const models = async (): Promise<Map<string, HostTool[]>> => {
    const parsed = v.safeParse(Content, await readJsonFile(file))
    return new Map(parsed.success ? Object.entries(parsed.output.models) : [])
  }
  let written = Promise.resolve()
  const write = async (model: string, tools: readonly HostTool[]) => {
    const others = [...(await models())].filter(([other]) => other !== model).slice(1 - MOST_MODELS)
    const content = { version, models: Object.fromEntries([...others, [model, tools]]) }
    await writeJsonFile(file, content)
  }
  return {
    read: async (model) => (await models()).get(model),
    // One after the other, so that of two models asked at once both are kept.
    keep: (model, tools) => {
      const lock = written.then(() => write(model, tools))
      written = lock.catch(() => {})
      return lock
    },
  }
}
