import { homedir, tmpdir, userInfo } from "node:os"
import { isAbsolute } from "node:path"
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
      return homeFolder()
    },
    get temporary() {
      return tmpdir()
    },
  }
}

/** With an empty or relative `HOME` the sign-in would be stored in the folder where the process was started. */
function homeFolder(): string {
  const home = homedir()
  if (isAbsolute(home)) return home
  try {
    return userInfo().homedir
  } catch {
    // The user is not in the system's list, as in some containers.
    return home
  }
}
