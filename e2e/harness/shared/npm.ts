import { REPOSITORY } from "./repository.ts"
import { type ProcessResult, runProcess } from "./run-process.ts"

/** Runs npm as a person does, in the repository or a package of it. */
export function runNpm(args: readonly string[], cwd = REPOSITORY, signal?: AbortSignal): Promise<ProcessResult> {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      // What an outer npm and the test runner say of themselves must not reach the inner one.
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
