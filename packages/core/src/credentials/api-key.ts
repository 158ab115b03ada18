import { QwenAuthError } from "../errors.ts"

/**
 * What a key's form tells of its plan: `plan` (`sk-sp-…`, Coding or Token Plan), `workspace` (`sk-ws-…`, pay as you go, bound
 * to a workspace's host), `standard` (`sk-…`, pay as you go).
 */
export type ApiKeyForm = "plan" | "workspace" | "standard"

const FORMS: readonly (readonly [RegExp, ApiKeyForm])[] = [
  [/^sk-sp-/, "plan"],
  [/^sk-ws-/, "workspace"],
  [/^sk-/, "standard"],
]
const REST = /^[\w.~+/=-]{8,500}$/

/**
 * The form of a Model Studio API key.
 * @throws QwenAuthError `api_key_malformed`
 */
export function apiKeyForm(key: string): ApiKeyForm {
  for (const [start, form] of FORMS) {
    const rest = key.replace(start, "")
    if (rest === key) continue
    if (REST.test(rest)) return form
    break
  }
  throw malformed(key)
}

/** What people paste around a key: spaces, quotes, a variable's name, a header's name and scheme. */
const AROUND = [
  /^[\s\u200b"'`“”]+|[\s\u200b"'`“”,;]+$/g,
  /^(?:(?:export|set)\s+|\$env:)?[A-Za-z_][A-Za-z0-9_]*\s*=/,
  /^Authorization\s*:/i,
  /^Bearer\s/i,
]

/** A key without what was pasted around it. */
export function trimmedApiKey(text: string): string {
  const trimmed = AROUND.reduce((rest, around) => rest.replace(around, ""), text)
  return trimmed === text ? text : trimmedApiKey(trimmed)
}

/** The key itself is never repeated. */
function malformed(key: string): QwenAuthError {
  const message = key === "" ? "There is no API key." : "This has not the form of a Model Studio API key."
  return new QwenAuthError("api_key_malformed", message, {
    remedy: "A key begins with sk-sp- (Coding or Token Plan), sk-ws- or sk- (pay as you go) and has no spaces.",
  })
}
