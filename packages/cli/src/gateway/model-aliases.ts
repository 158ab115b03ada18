import type { GatewayModels } from "./gateway-models.ts"

/** The families of Claude models, by which Anthropic's clients choose a model. */
const FAMILIES = ["opus", "sonnet", "haiku"] as const

/** The user's own choices: a name that a client sends, or a family, and the model that is used for it. */
export type AliasChoices = ReadonlyMap<string, string>

/**
 * Reads the values of `--model`: `opus=MODEL` for a family, `NAME=MODEL` for a full name, `MODEL` for every family.
 * @returns `invalid`: the first value that has none of these forms
 */
export function parseAliases(values: readonly string[]): { choices: AliasChoices } | { invalid: string } {
  const choices = new Map<string, string>()
  for (const value of values) {
    const { name, model } = /^(?:(?<name>[\w.:/@-]+)=)?(?<model>[\w.:/-]{1,100})$/.exec(value)?.groups ?? {}
    if (model === undefined) return { invalid: value }
    for (const alias of name === undefined ? FAMILIES : [name.toLowerCase()]) choices.set(alias, model)
  }
  return { choices }
}

/**
 * Returns the plan's model for the name that an Anthropic client sent: `opus`, `sonnet`, `haiku` or a full name such as
 * `claude-opus-4-6`, each also with `[1m]`. Other names are the plan's own and are kept.
 */
export function resolveModel(name: string, choices: AliasChoices, { coding, small }: GatewayModels): string {
  const plain = name.replace(/\[1m\]$/i, "")
  const exact = choices.get(plain.toLowerCase())
  if (exact !== undefined) return exact
  const family = familyOf(plain)
  if (family === undefined) return plain
  return choices.get(family) ?? (family === "haiku" ? small.id : coding.id)
}

function familyOf(name: string): (typeof FAMILIES)[number] | undefined {
  const lower = name.toLowerCase().replace(/^anthropic\//, "")
  const named = FAMILIES.find((family) => lower === family || (lower.startsWith("claude") && lower.includes(family)))
  return named ?? (/^claude\b/.test(lower) ? "sonnet" : undefined)
}
