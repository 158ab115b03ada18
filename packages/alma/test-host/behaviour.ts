/** How this Alma behaves where the facts leave it open. Alma is closed source, so the plugin has to work with every value. */
export interface Behaviour {
  /** What becomes of functions in the options of dialogs and notifications, which cross a process boundary. */
  readonly functions: "called" | "dropped" | "refused"
  readonly progress: "works" | "shows nothing" | "cannot be cancelled" | "never starts" | "throws" | "absent"
  readonly confirmDialog: "works" | "throws" | "absent"
  readonly notifications: "work" | "throw"
  /** The one thing that opens a web address: `ui.openExternal`, Electron's `shell`, or the system's opener. */
  readonly browser: "openExternal" | "electron" | "opener" | "failing opener" | "none"
  /** Which ids of commands the palette knows. `called by both`: it calls what is registered by either id. */
  readonly commands: "exact" | "prefixed" | "called by both"
  /** How the id of a model arrives: `qwen3-max`, `qwen-auth:qwen:qwen3-max` or `plugin:qwen-auth:qwen:qwen3-max`. */
  readonly modelIds: "plain" | "plugin and provider" | "qualified"
  /** The provider's method that is called first. */
  readonly first: "initialize" | "getModels"
  /** Whether Alma streams. Titles, the Tool Model and the Test button never do. */
  readonly calls: "streamed" | "not streamed"
  /** What `network:domain:` permits: one host or a wildcard, or one host and all hosts below it. */
  readonly domains: "wildcards" | "parents"
  /** How the entry gets into the plugin cache. */
  readonly entry: "copied" | "compiled by Bun"
}

/** Alma as its published types describe it. */
export const AS_PUBLISHED: Behaviour = {
  functions: "called",
  progress: "works",
  confirmDialog: "works",
  notifications: "work",
  browser: "openExternal",
  commands: "exact",
  modelIds: "plain",
  first: "initialize",
  calls: "streamed",
  domains: "wildcards",
  entry: "copied",
}

/** Alma as public plugins and analyses of the app show it. */
const AS_OBSERVED: Behaviour = {
  functions: "dropped",
  progress: "shows nothing",
  confirmDialog: "works",
  notifications: "work",
  browser: "electron",
  commands: "prefixed",
  modelIds: "qualified",
  first: "getModels",
  calls: "not streamed",
  domains: "parents",
  entry: "compiled by Bun",
}

/** The two ways in which Alma is played. */
export const PROFILES = { "as published": AS_PUBLISHED, "as observed": AS_OBSERVED } as const

/** The published Alma with one difference: each that Alma as observed has, and others that are possible. */
export const DEVIATIONS: readonly Partial<Behaviour>[] = [
  ...Object.entries(AS_OBSERVED)
    .filter(([name, value]) => Object.entries(AS_PUBLISHED).some(([other, known]) => other === name && known !== value))
    .map(([name, value]) => ({ [name]: value })),
  { functions: "refused" },
  { progress: "absent" },
  { progress: "throws" },
  { progress: "never starts" },
  { progress: "cannot be cancelled" },
  { confirmDialog: "absent" },
  { confirmDialog: "throws", functions: "refused" },
  { notifications: "throw" },
  { browser: "opener" },
  { browser: "failing opener" },
  { browser: "none" },
  { commands: "called by both" },
  { modelIds: "plugin and provider" },
]
