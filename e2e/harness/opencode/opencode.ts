import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { REPOSITORY } from "../shared/repository.ts"
import { type ProcessOptions, type ProcessResult, runProcess } from "../shared/run-process.ts"
import { opencodeBinary } from "./opencode-binary.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** The file URL of the built plugin, for OpenCode's configuration. */
export const BUILT_PLUGIN = pathToFileURL(join(REPOSITORY, "packages", "opencode", "dist", "index.js")).href

export const SIGN_IN = ["auth", "login", "-p", "alibaba", "-m", "Qwen Account (OAuth)"] as const

/** Longer than all of OpenCode's own retries, even on a busy machine: a run that exceeds it would not end by itself. */
const TIMEOUT_MS = 150_000

/** Options of {@link runOpenCode}. */
export interface RunOptions extends Partial<Pick<ProcessOptions, "onOutput" | "signal" | "timeoutMs">> {
  /** A program that starts OpenCode; OpenCode itself by default. */
  readonly program?: string
}

/** Runs the real OpenCode in a throw-away home. */
export function runOpenCode(
  home: ThrowawayHome,
  args: readonly string[],
  { program = opencodeBinary, ...options }: RunOptions = {},
): Promise<ProcessResult> {
  return runProcess(program, args, { cwd: home.project, env: home.env, timeoutMs: TIMEOUT_MS, ...options })
}

/** The arguments to ask a question without the interface. With `--title`, OpenCode sends no second request for a title. */
export function question(text: string, model = "alibaba/coder-model"): string[] {
  return ["run", text, `--model=${model}`, "--title", "e2e"]
}

/** The user code on the screen; `undefined` before it appears. */
export function userCodeOn(screen: string): string | undefined {
  return /\b[A-Z0-9]{4}-[A-Z0-9]{4,5}\b(?=\s*$)/m.exec(screen)?.[0]
}

/** The user in the browser. */
export interface BrowserUser {
  /** Looks at everything that the screen has shown so far, and decides once, when the user code appears. */
  watch(screen: string): void
  /** Resolves when the user has decided, or at once when no user code has appeared. */
  decided(): Promise<void>
}

/** Plays the user in the browser, who does `decide` when the user code appears. */
export function browserUser(decide: (userCode: string) => Promise<void>): BrowserUser {
  let decided: Promise<void> | undefined
  return {
    watch(screen) {
      const userCode = userCodeOn(screen)
      if (userCode !== undefined) decided ??= decide(userCode)
    },
    decided: async () => decided,
  }
}

/** Signs in with the device flow. `decide` plays the user in the browser and is called when the user code appears. */
export async function signIn(
  home: ThrowawayHome,
  decide: (userCode: string) => Promise<void>,
  options: RunOptions = {},
): Promise<ProcessResult> {
  const user = browserUser(decide)
  let screen = ""
  const onOutput = (text: string) => {
    options.onOutput?.(text)
    screen += text
    user.watch(screen)
  }
  const result = await runOpenCode(home, SIGN_IN, { ...options, onOutput })
  await user.decided()
  return result
}
