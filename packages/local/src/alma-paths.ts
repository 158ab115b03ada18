import { join } from "node:path"
import type { SettingSources } from "./paths.ts"

/** Returns the absolute path of Alma's folder for plugins: the same below the home folder on every system. */
export function almaPluginFolder({ home }: Pick<SettingSources, "home">): string {
  return join(home, ".config", "alma", "plugins")
}
