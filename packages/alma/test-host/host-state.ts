import type { Manifest } from "./manifest.ts"
import type { Output } from "./output.ts"
import type { Violations } from "./violations.ts"

/** State that all parts of the host share. */
export interface HostState {
  readonly manifest: Manifest
  readonly violations: Violations
  readonly output: Output
  /** Runs `task` as the plugin's code. */
  run<T>(task: () => T): T
  /** Functions that list what the plugin has not removed yet, one for each part of the host. */
  readonly leaks: (() => string[])[]
}
