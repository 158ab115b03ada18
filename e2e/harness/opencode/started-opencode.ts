import { randomUUID } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { opencodeBinary } from "./with-opencode.ts"

/** What differs from a plain start. */
interface StartedOpenCode {
  /** A shell command that goes before, `umask 000` for example. */
  readonly before?: string
  /** More arguments. */
  readonly args?: readonly string[]
  /** The file that the standard error output goes to instead. */
  readonly errorsTo?: string
}

/** Makes a program in the home that starts OpenCode a little differently. Not on Windows. */
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
