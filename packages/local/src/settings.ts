import { createHash } from "node:crypto"
import { isAbsolute, join } from "node:path"
import { QwenAuthError } from "qwen-auth-core"
import { secureUrl } from "qwen-auth-core/internal"
import * as v from "valibot"

/** Where things are. Addresses are checked: https, or http on loopback. */
export interface Settings {
  /** Our own stored sign-in, absolute path. */
  readonly tokenFile: string
  /** Qwen Code's folder, absolute path. */
  readonly qwenCodeFolder: string
  /** The user's configuration file, absolute path. */
  readonly authConfigFile: string
  /** The plugin option `credentials` as it was given; absent when it was not. */
  readonly credentials?: unknown
  /** For the lock alone, when the sign-in's own folder cannot be written. */
  readonly fallbackLockFolder: string
  /** Where to sign in, when not at Qwen's own authorization server. */
  readonly authorizationServer: { readonly baseUrl?: string }
  /** The API of the Qwen account; what the token says when absent. */
  readonly apiBaseUrl?: string
  /** For lists of models, places of keys and prompts, absolute path. */
  readonly cacheFolder: string
  /** The plugin option `qwenMode` as it was given; absent when it was not. */
  readonly qwenMode?: unknown
  /** The plugin's options that nothing reads. */
  readonly unknownOptions: readonly string[]
}

const Options = v.object({
  oauthBaseUrl: v.optional(v.string()),
  apiBaseUrl: v.optional(v.string()),
  credentials: v.optional(v.unknown()),
  qwenMode: v.optional(v.unknown()),
  debug: v.optional(v.unknown()),
  requestLog: v.optional(v.unknown()),
})

/** Where settings come from. */
export interface SettingSources {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The second item of `"plugin": [["opencode-alibaba-qwen-cli-auth", {…}]]`. */
  readonly options: Readonly<Record<string, unknown>>
  /** The user's home folder, absolute. */
  readonly home: string
  /** The system's folder for temporary files, absolute. */
  readonly temporary: string
}

/** The settings, the environment before the plugin's options; or what is wrong with them. */
export function readSettings(sources: SettingSources): { settings: Settings } | { problem: QwenAuthError } {
  try {
    const options = parseOptions(sources.options)
    const address = (variable: string, option: "oauthBaseUrl" | "apiBaseUrl") => {
      const fromEnvironment = sources.environment[variable]
      if (fromEnvironment) return baseUrl(fromEnvironment, variable)
      const fromOptions = options[option]
      return fromOptions === undefined ? undefined : baseUrl(fromOptions, `The plugin option ${option}`)
    }
    const oauthBaseUrl = address("QWEN_OAUTH_BASE_URL", "oauthBaseUrl")
    const apiBaseUrl = address("QWEN_API_BASE_URL", "apiBaseUrl")
    const folder = join(sources.home, ".opencode", "qwen")
    const tokenFile = join(folder, "oauth_token.json")
    const qwenHome = sources.environment["QWEN_HOME"]
    const lockName = createHash("sha256").update(tokenFile).digest("hex").slice(0, 16)
    return {
      settings: {
        tokenFile,
        qwenCodeFolder: qwenHome && isAbsolute(qwenHome) ? qwenHome : join(sources.home, ".qwen"),
        authConfigFile: join(folder, "auth-config.json"),
        fallbackLockFolder: join(sources.temporary, `qwen-auth-${lockName}.lock`),
        authorizationServer: oauthBaseUrl === undefined ? {} : { baseUrl: oauthBaseUrl },
        ...(apiBaseUrl === undefined ? {} : { apiBaseUrl }),
        ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
        ...(options.qwenMode === undefined ? {} : { qwenMode: options.qwenMode }),
        cacheFolder: join(sources.home, ".opencode", "cache"),
        unknownOptions: Object.keys(sources.options).filter((name) => !Object.hasOwn(Options.entries, name)),
      },
    }
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) throw error
    return { problem: error }
  }
}

function parseOptions(options: unknown): v.InferOutput<typeof Options> {
  const parsed = v.safeParse(Options, options)
  if (parsed.success) return parsed.output
  const path = v.getDotPath(parsed.issues[0]) ?? "options"
  throw new QwenAuthError("invalid_endpoint", `The plugin option ${path} must be a string.`, {
    remedy: "Correct it in OpenCode's configuration.",
  })
}

function baseUrl(value: string, what: string): string {
  return secureUrl(value, what).href.replace(/\/+$/, "")
}

/** What is logged, and where. */
export interface LogSettings {
  readonly debug: boolean
  readonly requests: boolean
  /** Absolute path of the folder for our own log files. */
  readonly folder: string
}

/** The settings of the logs, which are needed before all others. What is neither on nor off is off. */
export function readLogSettings({ environment, options, home }: SettingSources): LogSettings {
  const isOn = (variable: string, option: string) => switchedOn(environment[variable]) ?? options[option] === true
  return {
    debug: isOn("DEBUG_QWEN_PLUGIN", "debug"),
    requests: isOn("ENABLE_PLUGIN_REQUEST_LOGGING", "requestLog"),
    folder: join(home, ".opencode", "logs", "qwen-plugin"),
  }
}

function switchedOn(value: string | undefined): boolean | undefined {
  const text = value?.trim().toLowerCase()
  return text === undefined || text === "" ? undefined : text === "1" || text === "true"
}
