import type { ResolvedModel } from "./resolve-model.ts"

type Json = Record<string, unknown>

/** A part of a message, as the hooks see it. */
export type Part =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly url: string }
  | { readonly type: "tool-call"; readonly id: string; readonly name: string; readonly input: string }
  | { readonly type: "tool-result"; readonly id: string; readonly name: string; readonly output: string }

/** A message of a session. */
export interface Message {
  readonly role: "user" | "assistant" | "tool"
  readonly content: Part[]
}

/** A tool, as the body names it. */
export interface BodyTool {
  readonly name: string
  readonly description: string
  readonly inputSchema: Json
}

interface ChatInput {
  readonly resolved: ResolvedModel
  readonly kind: "primary" | "compaction" | "title" | "generate"
  readonly system: readonly { readonly text: string }[]
  readonly messages: readonly Message[]
  readonly tools: readonly BodyTool[]
  /** Options as the hooks left them, for example `temperature`. */
  readonly options: Json
}

const CACHED = { cache_control: { type: "ephemeral" } }

/** Creates the body that the native chat provider sends. */
export function chatBody({ resolved, kind, system, messages, tools, options }: ChatInput): Json {
  const { model } = resolved
  const limited = kind === "primary" || kind === "compaction"
  return {
    model: model.modelID,
    messages: chatMessages(model.id, system, messages),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, inputSchema }) => ({
            type: "function",
            function: { name, description, parameters: inputSchema },
          })),
          tool_choice: "auto",
        }),
    stream: true,
    stream_options: { include_usage: true },
    ...(limited ? { max_completion_tokens: model.limit.output } : {}),
    ...options,
    ...resolved.body,
  }
}

function chatMessages(id: string, system: ChatInput["system"], messages: readonly Message[]): Json[] {
  const listed = messages.flatMap(wireMessages)
  const cached = id.startsWith("qwen")
  const texts = system.map(({ text }) => ({ type: "text", text }))
  const last = listed.at(-1)
  if (cached && last !== undefined) last["content"] = markedParts(last["content"])
  if (texts.length === 0) return listed
  const content = cached ? texts.map((part) => ({ ...part, ...CACHED })) : system.map(({ text }) => text).join("\n")
  return [{ role: "system", content }, ...listed]
}

function markedParts(content: unknown): unknown {
  const parts: unknown[] = Array.isArray(content) ? content : [{ type: "text", text: String(content ?? "") }]
  return parts.map((part, n) => (n === parts.length - 1 && typeof part === "object" ? { ...part, ...CACHED } : part))
}

function wireMessages({ role, content }: Message): Json[] {
  if (role === "tool") {
    return content.flatMap((part) =>
      part.type === "tool-result" ? [{ role: "tool", tool_call_id: part.id, content: part.output }] : [],
    )
  }
  const texts = content.flatMap((part) => (part.type === "text" ? [part.text] : []))
  if (role === "user" && content.some(({ type }) => type === "image")) {
    return [
      {
        role,
        content: content.flatMap((part): Json[] => {
          if (part.type === "text") return [{ type: "text", text: part.text }]
          return part.type === "image" ? [{ type: "image_url", image_url: { url: part.url } }] : []
        }),
      },
    ]
  }
  const calls = content.flatMap((part) =>
    part.type === "tool-call"
      ? [{ id: part.id, type: "function", function: { name: part.name, arguments: part.input } }]
      : [],
  )
  return [{ role, content: texts.join(""), ...(calls.length === 0 ? {} : { tool_calls: calls }) }]
}
