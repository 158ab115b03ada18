import { join } from "node:path"
import * as v from "valibot"
import { readJsonFile } from "./json-file.ts"
import type { Paths, SettingSources } from "./paths.ts"

/** What OpenCode's folders depend on. It follows the XDG base directories on every system. */
type Sources = Pick<SettingSources, "environment" | "home">

function xdgFolder({ environment, home }: Sources, variable: string, ...fallback: string[]): string {
  return join(environment[variable] || join(home, ...fallback), "opencode")
}

/** Returns the absolute path of OpenCode's folder for its global configuration. */
export function openCodeConfigFolder(sources: Sources): string {
  return xdgFolder(sources, "XDG_CONFIG_HOME", ".config")
}

/** Returns the absolute path of the folder where OpenCode installs plugins by name. */
export function openCodeCacheFolder(sources: Sources): string {
  return xdgFolder(sources, "XDG_CACHE_HOME", ".cache")
}

/** Whether a record of OpenCode has a sign-in for the provider `alibaba`. */
export async function openCodeIsSignedIn({ openCodeAuthFile }: Pick<Paths, "openCodeAuthFile">): Promise<boolean> {
  return v.is(v.object({ alibaba: v.looseObject({}) }), await readJsonFile(openCodeAuthFile))
}
