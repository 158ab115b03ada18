import { readSettings, type Settings } from "qwen-auth-local/settings"

/** The settings of a home folder that belongs to the test; whatever the plugin stores is in there. */
export function settingsIn(home: string, options: Readonly<Record<string, unknown>> = {}): Settings {
  const read = readSettings({ environment: {}, options, home, temporary: home })
  if ("problem" in read) throw read.problem
  return read.settings
}
