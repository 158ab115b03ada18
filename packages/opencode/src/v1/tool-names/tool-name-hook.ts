import type { Hooks, PluginInput } from "@opencode-ai/plugin"
import type { Logger } from "qwen-auth-core"
import * as v from "valibot"
import { PROVIDER_ID } from "../messages.ts"
import { toolNamePrompt } from "./bridge-text.ts"
import { hostTools } from "./host-tools.ts"
import { mcpPrefixes } from "./mcp-prefixes.ts"

/** OpenCode's server is in the same process; it answers within some hundredths of a second or not at all. */
const TIMEOUT_MS = 2_000

/** Options of {@link toolNameHook}. */
export interface ToolNameHookOptions {
  readonly client: Pick<PluginInput["client"], "tool" | "mcp">
  readonly log: Logger
  /** Asked when the first prompt for a model comes; the answer then holds for that model. */
  readonly enabled: () => Promise<boolean>
  /** Gives a signal that aborts when a prompt has waited long enough. */
  readonly deadline?: () => AbortSignal
}

type SystemTransform = NonNullable<Hooks["experimental.chat.system.transform"]>

/**
 * A prompt without a session is OpenCode's own (it makes up an agent) and gets no tools. Its title and summary agents get none
 * either but cannot be told apart here: there the text says itself that it does not matter.
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
 * Tells Qwen's models, in the system text, which of OpenCode's tools are meant by the names they were trained with. OpenCode is
 * asked once for each model; when it does not answer in time, nothing is added and it is asked again at the next prompt. Once
 * used, a model's text stays the same until OpenCode ends, also when an MCP server connects later, so that the provider's prompt
 * cache holds.
 * @returns a hook that never rejects (OpenCode would fail the prompt) and answers in bounded time
 */
export function toolNameHook(options: ToolNameHookOptions): SystemTransform {
  const texts = new Map<string, Promise<ToolNameText>>()
  return async (input, output) => {
    const asked = v.safeParse(Input, input)
    if (!asked.success || !v.is(Output, output)) return
    const { id, api } = asked.output.model
    // The id that OpenCode chooses a session's tools by (read in its code): the user may have given the model another name.
    const model = api?.id ?? id
    const text = texts.get(model) ?? textFor(model, options)
    texts.set(model, text)
    const { complete, value } = await text
    // OpenCode may answer in time at the next prompt.
    if (!complete) texts.delete(model)
    append(output.system, value)
  }
}

/**
 * Each item becomes a system message of its own, and chat templates of Qwen 3.5 and later refuse a second one. At the end of the
 * last one it also leaves OpenCode's own rule alone, which joins further items only while the first is untouched.
 */
function append(system: string[], text: string | undefined): void {
  if (text === undefined || system.some((item) => item.includes(introductionOf(text)))) return
  system.push([...system.splice(-1), text].filter(Boolean).join("\n\n"))
}

/**
 * The text without its list of tools. It shows that a second copy of this plugin was here already, which may have listed other
 * tools: OpenCode loads each copy that its configuration files name.
 */
function introductionOf(text: string): string {
  return text.slice(0, text.indexOf("\n- "))
}

/** The text for a model. `complete`: whether OpenCode answered, so that the text can be kept. */
interface ToolNameText {
  readonly complete: boolean
  readonly value?: string | undefined
}

async function textFor(model: string, options: ToolNameHookOptions): Promise<ToolNameText> {
  const { client, log, enabled, deadline = () => AbortSignal.timeout(TIMEOUT_MS) } = options
  const signal = deadline()
  const inTime = within(signal, log)
  const wanted = await inTime("the configuration", enabled)
  if (wanted !== true) return { complete: wanted === false }
  const [list, status] = await Promise.all([
    inTime("OpenCode's tools", () => client.tool.list({ query: { provider: PROVIDER_ID, model }, signal })),
    inTime("OpenCode's MCP servers", () => client.mcp.status({ signal })),
  ])
  const tools = hostTools(list)
  return tools === undefined
    ? { complete: false }
    : { complete: true, value: toolNamePrompt(tools, mcpPrefixes(status)) }
}

/** Runs tasks that may fail or never end: nobody waits beyond the signal, and what did not come is a line in the log. */
function within(signal: AbortSignal, log: Logger) {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  })
  late.catch(() => {})
  return async <T>(what: string, task: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await Promise.race([task(), late])
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error
      log.debug(`Could not read ${what} for the text about tool names.`, { name })
      return undefined
    }
  }
}
