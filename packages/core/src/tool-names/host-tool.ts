import { fieldsOf, listOf } from "../http/json-object.ts"

/** The parameters of a tool: their names, and the parameters of the items of those that are lists. */
export interface ToolParameters {
  readonly properties: Readonly<Record<string, { readonly items?: ToolParameters | undefined }>>
  readonly required: readonly string[]
}

/** The parts of a host's tool that the tool name prompt uses. */
export interface HostTool {
  readonly id: string
  /** The start of the description. */
  readonly description: string
  /** Undefined if the schema is not supported. */
  readonly parameters: ToolParameters | undefined
}

/** No known host tool has more parameters. The limit keeps the prompt short. */
const MAX_PARAMETERS = 16
/** Tool names can come from third parties. Only plain identifiers may enter the prompt. */
const NAME = /^[A-Za-z_][\w-]{0,39}$/

/** Parses a host's tool. Returns undefined if it has no id. */
export function parseHostTool(value: unknown): HostTool | undefined {
  const { id, description, parameters } = fieldsOf(value) ?? {}
  if (typeof id !== "string") return undefined
  return {
    id,
    description: typeof description === "string" ? description.slice(0, 80) : "",
    parameters: parseParameters(parameters, 1),
  }
}

/** @param depth how many levels of lists are described below these parameters */
function parseParameters(schema: unknown, depth: number): ToolParameters | undefined {
  const { properties, required } = fieldsOf(schema) ?? {}
  const named = fieldsOf(properties)
  if (named === undefined || Object.keys(named).length > MAX_PARAMETERS) return undefined
  const parsed: Record<string, { items?: ToolParameters | undefined }> = {}
  for (const [name, property] of Object.entries(named)) {
    const fields = fieldsOf(property)
    if (fields === undefined || !NAME.test(name)) return undefined
    parsed[name] = depth === 0 ? {} : { items: parseParameters(fields["items"], depth - 1) }
  }
  return { properties: parsed, required: listOf(required).filter((name) => typeof name === "string") }
}
