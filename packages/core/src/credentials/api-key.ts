import { QwenAuthError } from "../errors.ts"

/**
 * What a key's form tells of its plan: `plan` (`sk-sp-…`, Coding or Token Plan), `workspace` (`sk-ws-…`, pay as you go, bound
 * to a workspace's host), `standard` (`sk-…`, pay as you go).
 */
export type ApiKeyKind = "plan" | "workspace" | "standard"

const FORMS: readonly (readonly [RegExp, ApiKeyKind])[] = [
  [/^sk-sp-/, "plan"],
  [/^sk-ws-/, "workspace"],
  [/^sk-/, "standard"],
]
const REST = /^[\w.~+/=-]{8,500}$/

/** Whether a text is a Model Studio API key, wherever it comes from: a person, the console, a stored sign-in. */
export function isApiKey(text: string): boolean {
  return formOf(text) !== undefined
}

/**
 * The form of a Model Studio API key.
 * @throws QwenAuthError `api_key_malformed` for a text that {@link isApiKey} refuses
 */
export function parseApiKeyKind(key: string): ApiKeyKind {
  const form = formOf(key)
  if (form === undefined) throw malformed(key)
  return form
}

function formOf(key: string): ApiKeyKind | undefined {
  const [start, form] = FORMS.find(([prefix]) => prefix.test(key)) ?? []
  return start !== undefined && REST.test(key.replace(start, "")) ? form : undefined
}

/** What people paste around a key: spaces, quotes, a variable's name, a header's name and scheme. */
const AROUND = [
  /^[\s\u200b"'`“”]+|[\s\u200b"'`“”,;]+$/g,
  /^(?:(?:export|set)\s+|\$env:)?[A-Za-z_][A-Za-z0-9_]*\s*=/,
  /^Authorization\s*:/i,
  /^Bearer\s/i,
]

/** A key without what was pasted around it. */
export function normalizeApiKey(text: string): string {
  const trimmed = AROUND.reduce((rest, around) => rest.replace(around, ""), text)
  return trimmed === text ? text : normalizeApiKey(trimmed)
}

/** The key itself is never repeated. */
function malformed(key: string): QwenAuthError {
  const message = key === "" ? "There is no API key." : "This is not a valid Model Studio API key."
  return new QwenAuthError("api_key_malformed", message, {
    remedy: "A key begins with sk-sp- (Coding or Token Plan), sk-ws- or sk- (pay as you go) and has no spaces.",
  })
}
