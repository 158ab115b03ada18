import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { shellCommand } from "../shared/shell-command.ts"
import { COMMAND, type CommandHome } from "./command.ts"

/** Why tests in a real terminal cannot run here; `undefined` if they can. */
export const tmuxMissing = spawnSync("tmux", ["-V"]).status === 0 ? undefined : "needs tmux"

/** A real terminal in which the command runs. */
export interface Terminal {
  /** The current screen, without the spaces at the end of lines. */
  screen(): string
  /** Waits for a text on the screen and returns the screen. */
  waitFor(text: string | RegExp): Promise<string>
  /** Presses keys by their names in tmux (`Enter`, `C-c`), or types a text. */
  press(...keys: string[]): void
}

/** Options of {@link inTerminal}. */
export interface TerminalOptions {
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the command in its own terminal. At the end of the command, the screen shows `exit status N`. */
export function inTerminal(
  home: CommandHome,
  args: readonly string[],
  { columns = 100, rows = 50, env = {} }: TerminalOptions = {},
): Terminal {
  // The folder is not in the home, because the home is removed before the terminal ends.
  const folder = mkdtempSync(join(tmpdir(), "qwen-auth-tmux-"))
  const socket = join(folder, "socket")
  const tmux = (...tmuxArgs: string[]) =>
    execFileSync("tmux", ["-S", socket, "-f", "/dev/null", ...tmuxArgs], { encoding: "utf8", env: process.env })
  const variables = Object.entries({ ...home.env, TERM: "xterm-256color", LANG: "C.UTF-8", ...env })
  const environment = variables.map(([name, value]) => `${name}=${value}`)
  const command = shellCommand(["env", "-i", ...environment, process.execPath, COMMAND, ...args])
  const line = `${command}; echo "exit status $?"; sleep 600`
  tmux("-u", "new-session", "-d", "-x", String(columns), "-y", String(rows), "-c", home.path, line)
  onTestFinished(() => {
    spawnSync("tmux", ["-S", socket, "kill-server"])
    rmSync(folder, { recursive: true, force: true })
  })
  const screen = () => tmux("capture-pane", "-p").replace(/[ \n]+$/, "")
  return {
    screen,
    press: (...keys) => void tmux("send-keys", ...keys),
    async waitFor(text) {
      const end = Date.now() + 60_000
      for (;;) {
        const shown = screen()
        if (typeof text === "string" ? shown.includes(text) : text.test(shown)) return shown
        if (Date.now() > end) throw new Error(`The screen never showed ${String(text)}:\n${shown}`)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
  }
}
