import { join } from "node:path/win32"

/** The program and the arguments that start a command. */
export interface SpawnPlan {
  readonly file: string
  readonly args: readonly string[]
  /** Windows: the arguments are one command line that is already quoted. */
  readonly verbatim: boolean
}

/** The system on which a command is started. */
export interface SpawnSystem {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly isFile: (path: string) => boolean
}

/**
 * Returns how a command is started without a shell. On Windows a command of npm is a `.cmd` file, which only `cmd.exe`
 * can run, and which Node does not look for.
 */
export function spawnPlan(command: string, args: readonly string[], system: SpawnSystem): SpawnPlan {
  const direct = { file: command, args, verbatim: false }
  if (system.platform !== "win32") return direct
  const file = findOnWindows(command, system)
  if (file === undefined || !/\.(?:cmd|bat)$/i.test(file)) return { ...direct, file: file ?? command }
  const line = [escapeOnce(file), ...args.map((argument) => escapeForCmd(quoted(argument)))].join(" ")
  const cmd = variable(system.environment, "ComSpec") ?? "cmd.exe"
  return { file: cmd, args: ["/d", "/s", "/c", `"${line}"`], verbatim: true }
}

function findOnWindows(command: string, { environment, isFile }: SpawnSystem): string | undefined {
  const endings = (variable(environment, "PATHEXT") ?? ".COM;.EXE;.BAT;.CMD").split(";").filter((end) => end !== "")
  const named = /\.[^.\\/]+$/.test(command) ? [command] : []
  const names = [...named, ...endings.map((ending) => command + ending.toLowerCase())]
  if (/[\\/]/.test(command)) return names.find(isFile)
  const folders = (variable(environment, "PATH") ?? "").split(";").filter((folder) => folder !== "")
  return folders.flatMap((folder) => names.map((name) => join(folder.replaceAll('"', ""), name))).find(isFile)
}

/** Names of variables have no case on Windows. */
function variable(environment: SpawnSystem["environment"], name: string): string | undefined {
  const found = Object.keys(environment).find((key) => key.toLowerCase() === name.toLowerCase())
  return found === undefined ? undefined : environment[found]
}

/** Quotes an argument as programs on Windows read it: backslashes before a quotation mark are doubled. */
function quoted(argument: string): string {
  return `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, "$1$1")}"`
}

/** Twice, because a `.cmd` file of npm hands its arguments to `cmd.exe` again. */
function escapeForCmd(argument: string): string {
  return escapeOnce(escapeOnce(argument))
}

function escapeOnce(text: string): string {
  return text.replace(/[()\][%!^"`<>&|;, *?]/g, "^$&")
}
