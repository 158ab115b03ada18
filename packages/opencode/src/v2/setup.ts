import type { HostContext } from "./host-types.ts"
import { register } from "./register.ts"

/**
 * The plugin's entry point for OpenCode 2, which calls it once per directory. It reads no file and uses no network.
 * Never rejects.
 * @returns the cleanup, which OpenCode calls when it ends the plugin in this directory
 */
export function setup(context: HostContext): Promise<() => void> {
  return register(context, async (ending) => (await import("./directory.ts")).loadDirectory(context, ending))
}
