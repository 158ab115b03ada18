import { join } from "node:path"
import { QwenAuthError } from "qwen-auth-core"
import { QWEN_OAUTH_BASE_URL, secureUrl } from "qwen-auth-core/internal"
import * as v from "valibot"
import { type AuthConfig, CONFIG_ENTRIES } from "./auth-config.ts"
import { fallbackLockFolder } from "./fallback-lock-folder.ts"
import { parseSwitch } from "./parse-switch.ts"
import { filePaths, type Paths, type SettingSources } from "./paths.ts"

/** The plugin's settings. URLs are validated: https, or http on loopback. The options of {@link AuthConfig} are not. */
export interface Settings extends Paths, AuthConfig {
  /** Absolute path of a folder for the lock, used if the sign-in's own folder is not writable. */
  readonly fallbackLockFolder: string
  /** Base URL of the authorization server; Qwen's own by default. */
  readonly oauthBaseUrl: string
  /** Base URL of the API for Qwen accounts. Default: the resource URL of the token. */
  readonly apiBaseUrl: string | undefined
  /** The environment variable `QWEN_MODE`. */
  readonly qwenModeVariable: string | undefined
  /** Names of unknown plugin options. */
  readonly unknownOptions: readonly string[]
}

const AddressOptions = v.object({ oauthBaseUrl: v.optional(v.string()), apiBaseUrl: v.optional(v.string()) })

const OPTIONS: ReadonlySet<string> = new Set([
  ...Object.keys(AddressOptions.entries),
  ...CONFIG_ENTRIES,
  "debug",
  "requestLog",
])

/**
 * Reads the settings. The environment takes precedence over the plugin's options.
 * @returns the settings, or `problem`: QwenAuthError `invalid_endpoint`
 */
export function readSettings(sources: SettingSources): { settings: Settings } | { problem: QwenAuthError } {
  const { environment, options } = sources
  try {
    const addresses = parseAddresses(options)
    const urlFrom = (variable: string, option: keyof typeof addresses) => {
      const fromEnvironment = environment[variable]
      if (fromEnvironment) return baseUrl(fromEnvironment, variable)
      const fromOptions = addresses[option]
      return fromOptions === undefined ? undefined : baseUrl(fromOptions, `The plugin option ${option}`)
    }
    const paths = filePaths(sources)
    return {
      settings: {
        ...paths,
        fallbackLockFolder: fallbackLockFolder(paths, sources),
        oauthBaseUrl: urlFrom("QWEN_OAUTH_BASE_URL", "oauthBaseUrl") ?? QWEN_OAUTH_BASE_URL,
        apiBaseUrl: urlFrom("QWEN_API_BASE_URL", "apiBaseUrl"),
        credentials: options["credentials"],
        qwenModeVariable: environment["QWEN_MODE"],
        qwenMode: options["qwenMode"],
        promptCache: options["promptCache"],
        verifySignIn: options["verifySignIn"],
        unknownOptions: Object.keys(options).filter((name) => !OPTIONS.has(name)),
      },
    }
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) throw error
    return { problem: error }
  }
}

function parseAddresses(options: unknown): v.InferOutput<typeof AddressOptions> {
  const parsed = v.safeParse(AddressOptions, options)
  if (parsed.success) return parsed.output
  const path = v.getDotPath(parsed.issues[0]) ?? "options"
  throw new QwenAuthError("invalid_endpoint", `The plugin option ${path} must be a string.`, {
    remedy: "Correct it in OpenCode's configuration.",
  })
}

function baseUrl(value: string, what: string): string {
  return secureUrl(value, what).href.replace(/\/+$/, "")
}

/** Which logs are on, and where they are written. */
export interface LogSettings {
  readonly debug: boolean
  readonly requests: boolean
  /** Absolute path of the folder for log files. */
  readonly folder: string
}

/** Reads the log settings, which are needed before all others. An invalid value counts as off. */
export function readLogSettings({ environment, options, home }: SettingSources): LogSettings {
  const isOn = (variable: string, option: string) => {
    const fromEnvironment = parseSwitch(environment[variable])
    return fromEnvironment === undefined ? options[option] === true : fromEnvironment === true
  }
  return {
    debug: isOn("DEBUG_QWEN_PLUGIN", "debug"),
    requests: isOn("ENABLE_PLUGIN_REQUEST_LOGGING", "requestLog"),
    folder: join(home, ".opencode", "logs", "qwen-plugin"),
  }
}
