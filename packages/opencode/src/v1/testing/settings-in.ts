import { readSettings, type Settings } from "qwen-auth-local/settings"

/** Returns the settings for a home folder of the test. The plugin stores everything in it. */
export function settingsIn(home: string, options: Readonly<Record<string, unknown>> = {}): Settings {
  const result = readSettings({ environment: {}, options, home, temporary: home })
  if ("problem" in result) throw result.problem
  return result.settings
}
