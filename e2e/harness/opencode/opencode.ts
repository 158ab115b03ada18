import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { REPOSITORY } from "../shared/repository.ts"
import { type ProcessResult, runProcess } from "../shared/run-process.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** The file URL of the built plugin, for OpenCode's configuration. */
export const BUILT_PLUGIN = pathToFileURL(join(REPOSITORY, "packages", "opencode", "dist", "index.js")).href

export const SIGN_IN = ["auth", "login", "-p", "alibaba", "-m", "Qwen Account (OAuth)"] as const

/** Longer than all of OpenCode's own retries, even on a busy machine: a run that exceeds it would not end by itself. */
const TIMEOUT_MS = 150_000

/** Options of {@link runOpenCode}. */
export interface RunOptions {
  readonly onOutput?: (text: string) => void
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** Runs the real OpenCode in a throw-away home. */
export function runOpenCode(
  binary: string,
  home: ThrowawayHome,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ProcessResult> {
  return runProcess(binary, args, { cwd: home.project, env: home.env, timeoutMs: TIMEOUT_MS, ...options })
}

/** The arguments to ask a question without the interface. With `--title`, OpenCode sends no second request for a title. */
export function question(text: string, model = "alibaba/coder-model"): string[] {
  return ["run", text, `--model=${model}`, "--title", "e2e"]
}

/** The user code on the screen; `undefined` before it appears. */
export function userCodeOn(screen: string): string | undefined {
  return /\b[A-Z0-9]{4}-[A-Z0-9]{4,5}\b(?=\s*$)/m.exec(screen)?.[0]
}

/** Signs in with the device flow. `decide` plays the user in the browser and is called when the user code appears. */
export function signIn(
  binary: string,
  home: ThrowawayHome,
  decide: (userCode: string) => Promise<void>,
  options: RunOptions = {},
): Promise<ProcessResult> {
  let screen = ""
  let decided: Promise<void> | undefined
  const onOutput = (text: string) => {
    options.onOutput?.(text)
    screen += text
    const userCode = userCodeOn(screen)
    if (userCode !== undefined) decided ??= decide(userCode)
  }
  return runOpenCode(binary, home, SIGN_IN, { ...options, onOutput }).then(async (result) => {
    await decided
    return result
  })
}
