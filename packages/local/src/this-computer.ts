import { homedir, tmpdir } from "node:os"
import type { SettingSources } from "./paths.ts"

/**
 * Returns the environment and the folders of this process, beside the options that the host gives. The folders are looked
 * up when they are used, because a host's start does not use them.
 */
export function thisComputer(options: SettingSources["options"]): SettingSources {
  return {
    environment: process.env,
    options,
    get home() {
      return homedir()
    },
    get temporary() {
      return tmpdir()
    },
  }
}
