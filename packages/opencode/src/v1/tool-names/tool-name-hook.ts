import type { Hooks, PluginInput } from "@opencode-ai/plugin"
import type { Logger } from "qwen-auth-core"
import * as v from "valibot"
import { PROVIDER_ID } from "../../shared/sign-in-texts.ts"
import { hasToolNames } from "../../shared/tool-names.ts"
import { HOST_TIMEOUT_MS } from "../host/host-timeout.ts"
import { parseHostTools } from "./host-tools.ts"
import { mcpPrefixes } from "./mcp-prefixes.ts"
import { toolNamePrompt } from "./tool-name-text.ts"

/** Options of {@link toolNameHook}. */
export interface ToolNameHookOptions {
  readonly client: Pick<PluginInput["client"], "tool" | "mcp">
  readonly log: Logger
  /** Called at the first prompt for a model. The result is kept for that model. */
  readonly enabled: () => Promise<boolean>
  /** Returns a signal that aborts when a prompt must not wait any longer. */
  readonly deadline?: () => AbortSignal
}

type SystemTransform = NonNullable<Hooks["experimental.chat.system.transform"]>

/**
 * A prompt without a session is OpenCode's own (`opencode agent create`) and has no tools. The title and summary agents
 * have none either, but cannot be recognised here; the text itself says to ignore it then.
 */
const Input = v.object({
  sessionID: v.string(),
  model: v.object({
    providerID: v.literal(PROVIDER_ID),
    id: v.string(),
    api: v.fallback(v.optional(v.object({ id: v.string() })), undefined),
  }),
})
const Output = v.object({ system: v.array(v.string()) })

/**
 * Adds a text to the system prompt of Qwen's models that maps the tool names of their training to OpenCode's tools. The
 * tools are requested from OpenCode once per model; if it does not respond in time, nothing is added and the next
 * prompt tries again. A model's text never changes while OpenCode runs, even if an MCP server connects later, to keep
 * the provider's prompt cache valid.
 * @returns a hook that never rejects, because OpenCode would fail the prompt, and that takes a bounded time
 */
export function toolNameHook(options: ToolNameHookOptions): SystemTransform {
  const texts = new Map<string, Promise<string | undefined>>()
  return async (input, output) => {
    const parsed = v.safeParse(Input, input)
    if (!parsed.success || !v.is(Output, output)) return
    const { id, api } = parsed.output.model
    // OpenCode selects a session's tools by this id (read in its code). `id` may be an alias from the user's
    // configuration.
    const model = api?.id ?? id
    const text = texts.get(model) ?? textFor(model, options)
    texts.set(model, text)
    try {
      append(output.system, await text)
    } catch {
      // The next prompt tries again.
      texts.delete(model)
    }
  }
}

/**
 * Appends the text to the last item. Each item becomes a separate system message, and the chat templates of Qwen 3.5
 * and later refuse a second one. OpenCode joins further items only if the first one is unchanged.
 */
function append(system: string[], text: string | undefined): void {
  if (text === undefined || system.some((item) => hasToolNames(item, text))) return
  system.push([...system.splice(-1), text].filter(Boolean).join("\n\n"))
}

/** @throws Error if OpenCode or the configuration did not respond in time */
async function textFor(model: string, options: ToolNameHookOptions): Promise<string | undefined> {
  const { client, log, enabled, deadline = () => AbortSignal.timeout(HOST_TIMEOUT_MS) } = options
  const signal = deadline()
  const inTime = within(signal, log)
  if (!(await inTime("the configuration", enabled))) return undefined
  const [list, status] = await Promise.all([
    inTime("OpenCode's tools", () => client.tool.list({ query: { provider: PROVIDER_ID, model }, signal })),
    inTime("OpenCode's MCP servers", () => client.mcp.status({ signal })).catch(() => undefined),
  ])
  const tools = parseHostTools(list)
  if (tools === undefined) throw new Error("OpenCode did not list its tools.")
  return toolNamePrompt(tools, mcpPrefixes(status))
}

/** Returns a function that runs a task, stops waiting at the signal, and logs a task that failed or did not finish. */
function within(signal: AbortSignal, log: Logger) {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  })
  late.catch(() => {})
  return async <T>(what: string, task: () => Promise<T>): Promise<T> => {
    try {
      return await Promise.race([task(), late])
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error
      log.debug(`Could not read ${what} for the text about tool names.`, { name })
      throw error
    }
  }
}
