import { readFile } from "node:fs/promises"
import type { Logger } from "qwen-auth-core"
import * as v from "valibot"

/** Whose sign-in is used: the plugin's own, or the one that is shared with Qwen Code. */
export type CredentialsChoice = "own" | "qwen-code"

const CHOICES = ["own", "qwen-code"] as const
const Choice = v.picklist(CHOICES)

/** `auth-config.json` as far as it matters here; it may hold more. */
const AuthConfig = v.pipe(
  v.string(),
  v.parseJson(),
  v.check((json) => !Array.isArray(json)),
  v.object({ credentials: v.optional(v.unknown()) }),
)

/**
 * What the user chose: the plugin option, else `auth-config.json`, else `own`. Never throws: what cannot be understood is a
 * warning that names it, and the default.
 * @param option the plugin option `credentials` as it was given
 * @param path absolute path of `auth-config.json`; only read when the option is absent
 */
export async function chosenCredentials(option: unknown, path: string, log: Logger): Promise<CredentialsChoice> {
  if (option !== undefined) return checked(option, "The plugin option credentials", log)
  const configured = await configuredCredentials(path, log)
  return configured === undefined ? "own" : checked(configured, `credentials in ${path}`, log)
}

async function configuredCredentials(path: string, log: Logger): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, "utf8")
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown"
    if (code !== "ENOENT") log.warn(`The configuration ${path} cannot be read; defaults are used.`, { code })
    return undefined
  }
  // An editor on Windows puts a byte order mark first.
  const parsed = v.safeParse(AuthConfig, text.replace(/^\uFEFF/, ""))
  if (parsed.success) return parsed.output.credentials
  log.warn(`The configuration ${path} is no JSON object; defaults are used.`)
  return undefined
}

function checked(value: unknown, what: string, log: Logger): CredentialsChoice {
  const parsed = v.safeParse(Choice, value)
  if (parsed.success) return parsed.output
  const choices = CHOICES.map((choice) => `"${choice}"`).join(" or ")
  log.warn(`${what} must be ${choices}, not ${told(value)}; "own" is used.`)
  return "own"
}

function told(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : `a value of type ${typeof value}`
}
