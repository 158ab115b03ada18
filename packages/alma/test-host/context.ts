import * as v from "valibot"
import type { Commands } from "./commands.ts"
import type { HostState } from "./host-state.ts"
import { type MemorySecrets, secretsApi, storageApi } from "./memory-storage.ts"
import type { LogLine } from "./output.ts"
import type { InstalledPlugin } from "./plugin-folder.ts"
import type { Providers } from "./provider.ts"
import { type Disposable, listeners } from "./registry.ts"
import type { Settings } from "./settings.ts"
import { forbidden, strictObject } from "./strict-object.ts"
import type { Ui } from "./ui.ts"

/** The hooks of the published types. Only the `app.` hooks need no permission. */
const HOOKS = [
  "chat.message.willSend",
  "chat.message.didSend",
  "chat.message.didReceive",
  "chat.thread.created",
  "chat.thread.deleted",
  "thread.activated",
  "tool.willExecute",
  "tool.didExecute",
  "tool.onError",
  "app.ready",
  "app.willQuit",
] as const
const FREE_HOOKS: readonly string[] = ["app.ready", "app.willQuit"]

const CHAT = ["listThreads", "getThread", "getActiveThread", "createThread", "getMessages"]
const TOOLS = ["register", "unregister"]
const WORKSPACE = [
  "rootPath",
  "workspaceFolders",
  "readFile",
  "writeFile",
  "stat",
  "readDirectory",
  "createFileSystemWatcher",
]

/** The parts of a plugin context. */
export interface ContextParts {
  readonly plugin: Pick<InstalledPlugin, "folder" | "storage">
  readonly secrets: MemorySecrets
  readonly local: Map<string, string>
  readonly workspace: Map<string, string>
  readonly ui: Ui
  readonly commands: Commands
  readonly providers: Providers
  readonly settings: Settings
}

/** Creates the `PluginContext` for `activate`, with every member of the published types. */
export function pluginContext(state: HostState, parts: ContextParts): object {
  const { plugin, ui, commands, providers, settings } = parts
  const { manifest, violations } = state
  const { id, permissions } = manifest
  const strict = <T extends object>(name: string, members: T) =>
    strictObject(`context.${name}`, members, { violations })
  const withPermission = (permission: string, name: string, api: object) =>
    permissions.includes(permission)
      ? strict(name, api)
      : forbidden(`context.${name}`, Object.keys(api), permission, violations)
  return strictObject(
    "context",
    {
      id,
      extensionPath: plugin.folder,
      storagePath: plugin.storage,
      globalStoragePath: plugin.storage,
      logger: strict("logger", logger(state)),
      storage: strict("storage", {
        local: strict("storage.local", storageApi("local", parts.local, violations)),
        workspace: strict("storage.workspace", storageApi("workspace", parts.workspace, violations)),
        secrets: strict("storage.secrets", secretsApi(parts.secrets, violations)),
      }),
      commands: strict("commands", commands.api),
      providers: withPermission("providers:manage", "providers", providers.api),
      settings: withPermission("settings:read", "settings", settings.api),
      ui: ui.api,
      events: strict("events", events(state)),
      i18n: strict("i18n", {
        t: (key: unknown) => violations.parse(v.string(), key, "i18n.t"),
        locale: "en",
        onDidChangeLocale: listeners("i18n.onDidChangeLocale", state).on,
      }),
      chat: forbidden("context.chat", CHAT, "chat:read", violations),
      tools: forbidden("context.tools", TOOLS, "tools:register", violations),
      workspace: forbidden("context.workspace", WORKSPACE, "filesystem:read", violations),
    },
    { violations },
  )
}

function logger({ output, violations }: HostState) {
  const write =
    (level: LogLine["level"]) =>
    (message: unknown, ...details: readonly unknown[]) =>
      output.logged({ level, message: violations.parse(v.string(), message, `logger.${level}`), details })
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") }
}

/** Alma's hooks. This host never calls them. */
function events(state: HostState) {
  const { violations } = state
  const subscribe = (name: unknown, handler: unknown): Disposable => {
    const hook = violations.parse(v.picklist(HOOKS), name, "events.on")
    if (!FREE_HOOKS.includes(hook)) violations.refuse(`events.on ${hook} is not permitted: it needs chat:read`)
    return listeners(`events.on ${hook}`, state).on(handler)
  }
  return { on: subscribe, once: subscribe }
}
