import { randomUUID } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { opencodeBinary } from "./opencode-binary.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** Options of {@link startedOpenCode}. */
interface StartedOpenCode {
  /** A shell command that runs first, for example `umask 000`. */
  readonly before?: string
  /** More arguments. */
  readonly args?: readonly string[]
  /** The file that receives standard error. */
  readonly errorsTo?: string
}

/** Creates a shell script in the home that starts OpenCode with these options. Not on Windows. */
export async function startedOpenCode(
  home: ThrowawayHome,
  { before = "", args = [], errorsTo }: StartedOpenCode,
): Promise<string> {
  const file = join(home.root, `opencode-${randomUUID()}`)
  const errors = errorsTo === undefined ? "" : `2>>'${errorsTo}'`
  await writeFile(file, `#!/bin/sh\n${before}\nexec '${opencodeBinary}' "$@" ${args.join(" ")} ${errors}\n`, {
    mode: 0o755,
  })
  return file
}
