import * as v from "valibot"
import type { AlmaContext } from "./host.ts"

const Region = v.picklist(["international", "china"])
/** Whose places are offered first. */
export type RegionSetting = v.InferOutput<typeof Region>

/** The plugin's settings, looked up at each use: a change holds from then on. */
export interface Settings {
  region(): RegionSetting
  toolNames(): boolean
  debug(): boolean
}

/** What Alma's settings hold; what they cannot hold is the default. */
export function pluginSettings(settings: Pick<AlmaContext["settings"], "get">): Settings {
  const value = (name: string): unknown => {
    try {
      return settings.get(`qwenAuth.${name}`)
    } catch {
      // A setting that cannot be read is no reason to fail.
      return undefined
    }
  }
  return {
    region: () => v.parse(v.fallback(Region, "international"), value("region")),
    toolNames: () => value("toolNames") !== false,
    debug: () => value("debugLog") === true,
  }
}
