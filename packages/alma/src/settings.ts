import type { AlmaContext } from "./host.ts"

/** The region whose endpoints are listed first at sign-in. */
export type RegionSetting = "international" | "china"

/** The plugin's settings. They are read at each use, so a change takes effect immediately. */
export interface Settings {
  region(): RegionSetting
  /** Whether chat requests get the text about tool names. */
  toolNames(): boolean
  /** Whether prompts are marked for the prompt cache when an API key is used. */
  promptCache(): boolean
  /** Whether a sign-in with an account is checked with one request. */
  verifySignIn(): boolean
  /** Whether debug messages are logged. */
  debug(): boolean
}

/** Reads the plugin's settings from Alma. A missing, invalid or unreadable setting has its default value. */
export function pluginSettings(settings: Pick<AlmaContext["settings"], "get">): Settings {
  const value = (name: string): unknown => {
    try {
      return settings.get(`qwenAuth.${name}`)
    } catch {
      return undefined
    }
  }
  return {
    region: () => (value("region") === "china" ? "china" : "international"),
    toolNames: () => value("toolNames") !== false,
    promptCache: () => value("promptCache") !== false,
    verifySignIn: () => value("verifySignIn") !== false,
    debug: () => value("debugLog") === true,
  }
}
