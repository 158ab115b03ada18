import type { Behaviour } from "./behaviour.ts"
import { almaCommands } from "./commands.ts"
import { pluginContext } from "./context.ts"
import type { HostState } from "./host-state.ts"
import type { Manifest } from "./manifest.ts"
import { type MemorySecrets, memorySecrets } from "./memory-storage.ts"
import { Output } from "./output.ts"
import { almaProviders } from "./provider.ts"
import { pluginSettings } from "./settings.ts"
import { almaUi } from "./ui.ts"
import { scriptedUser } from "./user.ts"
import { Violations } from "./violations.ts"

/** What Alma knew before, and what the user has set. */
export interface HostPartsOptions {
  /** Alma's storage. Pass the storage of a previous host to simulate a restart. */
  readonly secrets?: MemorySecrets
  readonly local?: Map<string, string>
  readonly workspace?: Map<string, string>
  /** The settings that the user has changed. */
  readonly settings?: Readonly<Record<string, unknown>>
}

/** Where the plugin is, and how its code is run. */
interface Plugin {
  readonly manifest: Manifest
  readonly folder: string
  readonly storage: string
  readonly run: HostState["run"]
}

/** Creates all parts of Alma for one plugin, and the context for its `activate`. Nothing is loaded. */
export function hostParts({ manifest, run, ...plugin }: Plugin, behaviour: Behaviour, options: HostPartsOptions = {}) {
  const violations = new Violations()
  const output = new Output()
  const state: HostState = { manifest, violations, output, leaks: [], run }
  const user = scriptedUser(violations)
  const ui = almaUi(state, user, behaviour)
  const commands = almaCommands(state, behaviour.commands)
  const providers = almaProviders(state)
  const settings = pluginSettings(state, options.settings ?? {})
  const { secrets = memorySecrets(), local = new Map(), workspace = new Map() } = options
  const parts = { plugin, secrets, local, workspace, ui, commands, providers, settings }
  return { ...parts, state, violations, output, user, context: pluginContext(state, parts) }
}
