import type { Logger } from "qwen-auth-core"
import { fieldsOf, fileErrorCode, parseJsonText, readTextFile } from "qwen-auth-core/internal"

/** The entries of `auth-config.json`, as its JSON schema describes them. Each is also an option of the plugin. */
export const CONFIG_ENTRIES = ["qwenMode", "credentials", "promptCache", "verifySignIn"] as const

/** The values of the entries, not validated yet. The code that uses an entry validates it and warns. */
export type AuthConfig = { readonly [name in (typeof CONFIG_ENTRIES)[number]]?: unknown }

const KNOWN_ENTRIES: ReadonlySet<string> = new Set(["$schema", ...CONFIG_ENTRIES])

/**
 * Reads the user's configuration file. Never throws: for a file that cannot be read or parsed, it logs a warning with
 * the path, line and column, and returns no entries.
 * @param path absolute path of `auth-config.json`
 */
export async function readAuthConfig(path: string, log: Logger): Promise<AuthConfig> {
  let text: string
  try {
    text = await readTextFile(path)
  } catch (error) {
    const code = fileErrorCode(error)
    if (code !== "ENOENT" && code !== "ENOTDIR") {
      log.warn(`The configuration ${path} cannot be read. The defaults are used.`, { code })
    }
    return {}
  }
  const value = parseJsonText(text)
  if (value === undefined) {
    // Loaded here, because almost every file is valid.
    const { syntaxErrorPosition } = await import("./json-syntax.ts")
    const { line, column } = syntaxErrorPosition(text) ?? { line: 1, column: 1 }
    log.warn(`The configuration ${path} is not valid JSON (line ${line}, column ${column}). The defaults are used.`)
    return {}
  }
  const entries = fieldsOf(value)
  if (entries === undefined) {
    log.warn(`The configuration ${path} is not a JSON object. The defaults are used.`)
    return {}
  }
  warnOfUnknown(unknownEntries(entries), `the configuration ${path}`, log)
  return entries
}

/** Returns the names of the entries that `auth-config.json` does not have. */
export function unknownEntries(entries: object): string[] {
  return Object.keys(entries).filter((name) => !KNOWN_ENTRIES.has(name))
}

/** Warns about unknown entries, which are mostly misspelled ones. */
export function warnOfUnknown(entries: readonly string[], where: string, log: Logger): void {
  if (entries.length === 0) return
  log.warn(`Ignoring unknown entries in ${where}: ${quotedNames(entries)}.`)
}

/** Returns the names of entries as a message shows them. */
export function quotedNames(entries: readonly string[]): string {
  return entries.map((name) => JSON.stringify(name.slice(0, 40))).join(", ")
}
