import { homedir, tmpdir } from "node:os"
import type { SettingSources } from "./settings.ts"

/** Returns the environment and the folders of this process, beside the options that the host gives. */
export function thisComputer(options: SettingSources["options"]): SettingSources {
  return { environment: process.env, options, home: homedir(), temporary: tmpdir() }
}
