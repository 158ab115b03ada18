import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DEAD_ORIGIN } from "../shared/port.ts"

/** A temporary home for one run. OpenCode in it does not use the real home. */
export interface ThrowawayHome {
  readonly root: string
  /** OpenCode's working folder. */
  readonly project: string
  /** The complete environment of a process in this home. */
  readonly env: Readonly<Record<string, string>>
  /** OpenCode's own record of sign-ins. */
  readonly authFile: string
  /** The plugin's stored sign-in. */
  readonly tokenFile: string
  /** The plugin's configuration file, which does not exist at first. */
  readonly authConfigFile: string
  /** OpenCode's configuration. */
  readonly configFile: string
  remove(): Promise<void>
}

/** Options of {@link createThrowawayHome}. */
export interface HomeOptions {
  /** The plugin's entry in OpenCode's configuration: a file URL or a folder, with or without options. */
  readonly plugin: string | readonly [string, Readonly<Record<string, unknown>>]
  /** More environment variables, for example the URLs of Qwen. */
  readonly env?: Readonly<Record<string, string>>
  /** More configuration of OpenCode. */
  readonly config?: Readonly<Record<string, unknown>>
}

const QUIET = {
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  OPENCODE_DISABLE_CLAUDE_CODE: "1",
  OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
  OPENCODE_DISABLE_EXTERNAL_SKILLS: "1",
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  OPENCODE_DISABLE_SHARE: "1",
  // OpenCode then uses its built-in list of models.
  OPENCODE_MODELS_URL: DEAD_ORIGIN,
}

/** Creates a home in the system's temporary folder. */
export async function createThrowawayHome(options: HomeOptions): Promise<ThrowawayHome> {
  const root = await mkdtemp(join(tmpdir(), "qwen-sign-in-"))
  const at = (...path: string[]) => join(root, ...path)
  const configFolder = at("config", "opencode")
  const folders = [
    configFolder,
    at("home", ".opencode"),
    at("data"),
    at("cache"),
    at("state"),
    at("project"),
    at("tmp"),
  ]
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })))
  await Promise.all([spareInstall(configFolder), spareInstall(at("home", ".opencode"))])
  const config = {
    plugin: [options.plugin],
    autoupdate: false,
    share: "disabled",
    snapshot: false,
    lsp: false,
    formatter: false,
    ...options.config,
  }
  const configFile = join(configFolder, "opencode.json")
  await writeFile(configFile, JSON.stringify(config, undefined, 2))
  return {
    root,
    project: at("project"),
    authFile: at("data", "opencode", "auth.json"),
    tokenFile: at("home", ".opencode", "qwen", "oauth_token.json"),
    authConfigFile: at("home", ".opencode", "qwen", "auth-config.json"),
    configFile,
    env: { ...systemEnvironment(), ...homeEnvironment(at), ...QUIET, ...options.env },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** The same home with a changed environment; `undefined` removes a variable. */
export function within(home: ThrowawayHome, env: Readonly<Record<string, string | undefined>>): ThrowawayHome {
  const entries = Object.entries({ ...home.env, ...env })
  return { ...home, env: Object.fromEntries(entries.flatMap(([name, value]) => (value ? [[name, value]] : []))) }
}

/** OpenCode installs its plugin library into each configuration folder without it. This avoids the download. */
async function spareInstall(folder: string): Promise<void> {
  await mkdir(join(folder, "node_modules"), { recursive: true })
  const lock = { lockfileVersion: 3, packages: { "": { dependencies: { "@opencode-ai/plugin": "*" } } } }
  await writeFile(join(folder, "package-lock.json"), JSON.stringify(lock))
}

function homeEnvironment(at: (...path: string[]) => string): Record<string, string> {
  return {
    HOME: at("home"),
    USERPROFILE: at("home"),
    XDG_CONFIG_HOME: at("config"),
    XDG_DATA_HOME: at("data"),
    XDG_CACHE_HOME: at("cache"),
    XDG_STATE_HOME: at("state"),
    // OpenCode unpacks native libraries into the temporary folder and leaves them there.
    TMPDIR: at("tmp"),
    TEMP: at("tmp"),
    TMP: at("tmp"),
  }
}

/** The variables of the real system that a program needs. */
function systemEnvironment(): Record<string, string> {
  const needed = ["PATH", "SystemRoot", "ComSpec", "PATHEXT"]
  return Object.fromEntries(needed.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}
