import { randomUUID } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { opencodeBinary } from "./opencode-binary.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** Options of {@link createLauncher}. */
interface LauncherOptions {
  /** A shell command that runs first, for example `umask 000`. */
  readonly before?: string
  /** More arguments. */
  readonly args?: readonly string[]
  /** The file that receives standard error. */
  readonly errorsTo?: string
}

/** Creates a shell script in the home that starts OpenCode with these options. Not on Windows. */
export async function createLauncher(
  home: ThrowawayHome,
  { before = "", args = [], errorsTo }: LauncherOptions,
): Promise<string> {
  const file = join(home.root, `opencode-${randomUUID()}`)
  const errors = errorsTo === undefined ? "" : `2>>'${errorsTo}'`
  const script = `#!/bin/sh\n${before}\nexec '${opencodeBinary}' "$@" ${args.join(" ")} ${errors}\n`
  await writeFile(file, script, { mode: 0o755 })
  return file
}
