import type { HostBehaviour } from "./behaviour.ts"
import type { HostClock } from "./clock.ts"
import type { Database } from "./database.ts"
import type { EventHub } from "./events.ts"
import type { Violations } from "./violations.ts"

/** A request as the host sent it, after all hooks. */
export interface SentRequest {
  /** ms since the host's start, by its clock */
  readonly at: number
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: string
}

/** What all parts of one process share. */
export interface HostState {
  readonly behaviour: HostBehaviour
  readonly clock: HostClock
  readonly violations: Violations
  readonly database: Database
  readonly events: EventHub
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly fetch: typeof globalThis.fetch
  readonly requests: SentRequest[]
  /** What the CLI shows in sign-ins. */
  readonly printed: string[]
  /** The running refreshes by credential, where this version joins them. */
  readonly refreshes: Map<string, Promise<unknown>>
  /** The person's `providers`. */
  readonly configuration: Readonly<Record<string, ProviderConfiguration>>
  /** Runs a program of a `command` method. */
  readonly runCommand: (command: readonly string[]) => Promise<{ stdout: string; stderr: string }>
  /** A unique id, for example `cred_1`. */
  newId(prefix: string): string
}

type Json = Readonly<Record<string, unknown>>

/** A provider in the person's configuration. Its fields replace those of the built-in provider and of plugins. */
interface ProviderConfiguration {
  readonly name?: string
  readonly activation?: "auto" | "enabled"
  readonly package?: string
  readonly settings?: Json
  readonly models?: Readonly<Record<string, Json>>
}
