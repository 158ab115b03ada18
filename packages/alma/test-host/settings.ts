import * as v from "valibot"
import type { HostState } from "./host-state.ts"
import { type DeclaredSetting, fitsSetting } from "./manifest.ts"
import { type Disposable, listeners } from "./registry.ts"

interface SettingsChange {
  readonly key: string
  readonly oldValue: unknown
  readonly newValue: unknown
}

/** The plugin's page in Alma's settings, as the user sees it. */
export interface SettingsPage {
  get(key: string): unknown
  /** Changes a setting. The value is not checked, because a settings file may contain anything. */
  change(key: string, value: unknown): void
}

/** The settings page, and the plugin's `context.settings`. */
export interface Settings {
  readonly page: SettingsPage
  readonly api: {
    get(key: unknown, fallback?: unknown): unknown
    update(key: unknown, value: unknown): Promise<void>
    onDidChange(listener: unknown): Disposable
  }
}

/** @param initial the settings that the user has changed */
export function pluginSettings(state: HostState, initial: Readonly<Record<string, unknown>>): Settings {
  const { manifest, violations } = state
  const declared = new Map<string, DeclaredSetting>(
    Object.entries(manifest.contributes.configuration?.properties ?? {}),
  )
  const values = new Map<string, unknown>()
  const changed = listeners<SettingsChange>("settings.onDidChange", state)
  const known = (key: string) => declared.get(key) ?? violations.refuse(`settings: ${key} is not in the manifest`)
  const get = (key: string): unknown => (values.has(key) ? values.get(key) : known(key).default)
  for (const [key, value] of Object.entries(initial)) {
    known(key)
    values.set(key, value)
  }

  function change(key: string, newValue: unknown): void {
    const oldValue = get(key)
    values.set(key, newValue)
    changed.emit({ key, oldValue, newValue })
  }

  return {
    page: { get, change },
    api: {
      // Every declared setting has a default, so the caller's fallback is never used.
      get: (key) => get(violations.parse(v.string(), key, "settings.get")),
      async update(key, value) {
        const name = violations.parse(v.string(), key, "settings.update")
        if (!fitsSetting(known(name), value)) violations.refuse(`settings.update: ${name} cannot be ${String(value)}`)
        change(name, value)
      },
      onDidChange: changed.on,
    },
  }
}
