import { KEY_PAGES } from "../catalog/plans.ts"
import { QwenAuthError } from "../errors.ts"

/**
 * The kinds of Model Studio API keys, by prefix:
 *
 * - `plan`: `sk-sp-…`, Coding Plan or Token Plan
 * - `workspace`: `sk-ws-…`, pay as you go, valid only on the host of one workspace
 * - `standard`: `sk-…`, pay as you go
 */
export type ApiKeyKind = "plan" | "workspace" | "standard"

const PLAN_PREFIX = "sk-sp-"
const KINDS: readonly (readonly [prefix: string, ApiKeyKind])[] = [
  [PLAN_PREFIX, "plan"],
  ["sk-ws-", "workspace"],
  ["sk-", "standard"],
]
/** The part after the prefix. */
const REST = /^[\w.~+/=-]{8,500}$/

/**
 * Returns true when the text is a valid Model Studio API key. All sources of keys use this check: user input, the
 * console and stored credentials.
 */
export function isApiKey(text: string): boolean {
  return kindOf(text) !== undefined
}

/** Returns true when the text has the prefix of a plan's key, whether or not the rest of it is valid. */
export function isPlanKey(text: string): boolean {
  return text.startsWith(PLAN_PREFIX)
}

/**
 * Returns the kind of a Model Studio API key.
 * @throws QwenAuthError `api_key_malformed`: {@link isApiKey} returns false for the text
 */
export function parseApiKeyKind(key: string): ApiKeyKind {
  const kind = kindOf(key)
  if (kind === undefined) throw malformedError(key)
  return kind
}

function kindOf(key: string): ApiKeyKind | undefined {
  const [prefix, kind] = KINDS.find(([start]) => key.startsWith(start)) ?? []
  return prefix !== undefined && REST.test(key.slice(prefix.length)) ? kind : undefined
}

/** The form in which a console's page holds a key. The key cannot be derived from it. */
const OBFUSCATED = /^o1_/

/** Text that users paste together with a key: spaces, quotes, a variable name, a header name and scheme. */
const WRAPPERS = [
  /^[\s\u200b"'`“”]+|[\s\u200b"'`“”,;]+$/g,
  // A hidden key may end in "=" and is no variable's name: its own message says what to copy.
  /^(?!o1_)(?:(?:export|set)\s+|\$env:)?[A-Za-z_][A-Za-z0-9_]*\s*=/,
  /^Authorization\s*:/i,
  /^Bearer\s/i,
]

/** Returns the key without the surrounding text that users often paste with it. */
export function normalizeApiKey(text: string): string {
  const trimmed = WRAPPERS.reduce((rest, wrapper) => rest.replace(wrapper, ""), text)
  return trimmed === text ? text : normalizeApiKey(trimmed)
}

/** The message never repeats the key. */
function malformedError(key: string): QwenAuthError {
  if (OBFUSCATED.test(key)) {
    return new QwenAuthError("api_key_malformed", "This is how the console's page hides a key (o1_…), not the key.", {
      remedy: `Use the copy button beside the key: ${KEY_PAGES.international} (China: ${KEY_PAGES.china}).`,
    })
  }
  const message = key === "" ? "There is no API key." : "This is not a valid Model Studio API key."
  return new QwenAuthError("api_key_malformed", message, {
    remedy: "A key begins with sk-sp- (Coding or Token Plan), sk-ws- or sk- (pay as you go) and has no spaces.",
  })
}
