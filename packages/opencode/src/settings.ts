import { join } from "node:path"
import { QwenAuthError, secureUrl } from "qwen-auth-core"
import * as v from "valibot"

/** Where things are. Addresses are checked: https, or http on loopback. */
export interface Settings {
  /** The stored sign-in, absolute path. */
  readonly tokenFile: string
  /** Where to sign in, when not at Qwen's own authorization server. */
  readonly authorizationServer: { readonly baseUrl?: string }
  /** The API; what the token says when absent. */
  readonly apiBaseUrl?: string
}

const Options = v.object({ oauthBaseUrl: v.optional(v.string()), apiBaseUrl: v.optional(v.string()) })

/** Where settings come from. */
export interface SettingSources {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The second item of `"plugin": [["opencode-alibaba-qwen-cli-auth", {…}]]`. */
  readonly options: Readonly<Record<string, unknown>>
  /** The user's home folder, absolute. */
  readonly home: string
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
    return {
      settings: {
        tokenFile: join(sources.home, ".opencode", "qwen", "oauth_token.json"),
        authorizationServer: oauthBaseUrl === undefined ? {} : { baseUrl: oauthBaseUrl },
        ...(apiBaseUrl === undefined ? {} : { apiBaseUrl }),
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
  throw new QwenAuthError("invalid_endpoint", `The plugin option ${path} must be a text.`, {
    remedy: "Correct it in OpenCode's configuration.",
  })
}

function baseUrl(value: string, what: string): string {
  return secureUrl(value, what).href.replace(/\/+$/, "")
}
