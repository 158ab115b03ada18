import type { Manifest } from "./manifest.ts"
import type { Said } from "./said.ts"
import type { Violations } from "./violations.ts"

/** What all parts of Alma's side work with. */
export interface Desk {
  readonly manifest: Manifest
  readonly violations: Violations
  readonly output: Said
  /** Calls something of the plugin's, as the plugin's code. */
  run<T>(task: () => T): T
  /** Each part puts in what can tell which things of the plugin's are still there. */
  readonly leaks: (() => string[])[]
}
