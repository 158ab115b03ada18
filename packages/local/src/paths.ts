import { isAbsolute, join } from "node:path"

/** The sources of the paths and the settings. */
export interface SettingSources {
  readonly environment: Readonly<Record<string, string | undefined>>
  /**
   * The options that OpenCode passes to the plugin, not validated; empty in the other hosts. In the configuration they are
   * the second item of `"plugin": [["opencode-alibaba-qwen-cli-auth", {…}]]`.
   */
  readonly options: Readonly<Record<string, unknown>>
  /** Absolute path of the user's home folder. */
  readonly home: string
  /** Absolute path of the system's folder for temporary files. */
  readonly temporary: string
}

/** Where files are. All paths are absolute. */
export interface Paths {
  /** The plugin's own stored sign-in. */
  readonly tokenFile: string
  /** Qwen Code's folder. */
  readonly qwenCodeFolder: string
  /** The file in which OpenCode keeps its own sign-ins. */
  readonly openCodeAuthFile: string
  /** The files in which the official command and Qwen Cloud's tools keep an API key. */
  readonly bailianConfigFile: string
  readonly qwenCloudConfigFile: string
  /** The user's configuration file. */
  readonly authConfigFile: string
  /** The folder for cached model lists and endpoints of keys. */
  readonly cacheFolder: string
}

/** Returns the paths. They do not depend on whether the settings can be used. */
export function filePaths({ environment, home }: Pick<SettingSources, "environment" | "home">): Paths {
  const folder = join(home, ".opencode", "qwen")
  const qwenHome = environment["QWEN_HOME"]
  const dataHome = environment["XDG_DATA_HOME"]
  // OpenCode uses this folder on every system.
  const dataFolder = dataHome && isAbsolute(dataHome) ? dataHome : join(home, ".local", "share")
  return {
    tokenFile: join(folder, "oauth_token.json"),
    qwenCodeFolder: qwenHome && isAbsolute(qwenHome) ? qwenHome : join(home, ".qwen"),
    openCodeAuthFile: join(dataFolder, "opencode", "auth.json"),
    bailianConfigFile: join(home, ".bailian", "config.json"),
    qwenCloudConfigFile: join(home, ".qwencloud", "config.json"),
    authConfigFile: join(folder, "auth-config.json"),
    cacheFolder: join(home, ".opencode", "cache"),
  }
}
