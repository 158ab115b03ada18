import { REPOSITORY } from "./repository.ts"
import { type ProcessResult, runProcess } from "./run-process.ts"

/** Runs npm in the repository or in one of its packages, as a user does. */
export function runNpm(args: readonly string[], cwd = REPOSITORY, signal?: AbortSignal): Promise<ProcessResult> {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      // Variables of the outer npm and of the test runner must not affect the inner npm.
      value === undefined || /^(npm_(?!config_)|VITEST|NODE_ENV)/.test(name) ? [] : [[name, value]],
    ),
  )
  const npm = process.env["npm_execpath"]
  const [file, first] = npm ? [process.execPath, [npm]] : ["npm", []]
  return runProcess(file, [...first, ...args], {
    cwd,
    env,
    timeoutMs: 110_000,
    ...(signal === undefined ? {} : { signal }),
  })
}
