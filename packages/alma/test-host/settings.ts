import * as v from "valibot"
import type { Desk } from "./desk.ts"
import { type DeclaredSetting, fitsSetting } from "./manifest.ts"
import { type Disposable, listeners } from "./registry.ts"

interface SettingsChange {
  readonly key: string
  readonly oldValue: unknown
  readonly newValue: unknown
}

/** The plugin's page in Alma's settings, as the person uses it. */
export interface SettingsPage {
  get(key: string): unknown
  /** Changes a setting. The value is not checked: a settings file may hold anything. */
  change(key: string, value: unknown): void
}

/** The page, and what the plugin has of it. */
export interface Settings {
  readonly page: SettingsPage
  readonly api: {
    get(key: unknown, fallback?: unknown): unknown
    update(key: unknown, value: unknown): Promise<void>
    onDidChange(listener: unknown): Disposable
  }
}

/** @param initial what the person set before */
export function pluginSettings(dialogs: Desk, initial: Readonly<Record<string, unknown>>): Settings {
  const { manifest, violations } = dialogs
  const declared = new Map<string, DeclaredSetting>(
    Object.entries(manifest.contributes.configuration?.properties ?? {}),
  )
  const values = new Map<string, unknown>()
  const changed = listeners<SettingsChange>("settings.onDidChange", dialogs)
  const known = (key: string) => declared.get(key) ?? violations.refuse(`settings: ${key} is not in the manifest`)
  const get = (key: string): unknown => (values.has(key) ? values.get(key) : known(key).default)
  for (const [key, value] of Object.entries(initial)) {
    known(key)
    values.set(key, value)
  }

  function change(key: string, newValue: unknown): void {
    const oldValue = get(key)
    values.set(key, newValue)
    changed.tell({ key, oldValue, newValue })
  }

  return {
    page: { get, change },
    api: {
      // Every declared setting has a default, so that the caller's own is never needed.
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
