/** The parsed body of a chat request. It is never changed; rules return a new one. */
export type ChatBody = Readonly<Record<string, unknown>>

/** The changes that a route makes to the body of a chat request. */
export interface BodyRules {
  /** Equal for equal rules, so that a body that was prepared for other rules is noticed. */
  readonly id: string
  /** Returns the changed body, or the same object if nothing changes. */
  apply(body: ChatBody): ChatBody
}

/** Returns an object itself (`fieldsOf` would copy it, and a conversation is long), or an empty object for another value. */
export function asObject(value: unknown): ChatBody {
  return isObject(value) ? value : {}
}

function isObject(value: unknown): value is ChatBody {
  return typeof value === "object" && value !== null
}

/** Removes `tools: []`, which is refused, and the fields that need tools. */
export function withoutEmptyTools(body: ChatBody): ChatBody {
  if (!Array.isArray(body["tools"]) || body["tools"].length > 0) return body
  const { tools, tool_choice, parallel_tool_calls, ...rest } = body
  return rest
}

/** Returns true if the body forces a tool, which is refused while the model thinks. */
export function forcesTool({ tool_choice: choice }: ChatBody): boolean {
  return choice === "required" || isObject(choice)
}

/** Returns the `stream_options` of a body, with the usage in the last chunk of the stream. */
export function withStreamedUsage({ stream_options: options }: ChatBody): ChatBody {
  return { ...asObject(options), include_usage: true }
}
