/** What the gateway allows a client and the service. All times are in ms. */
export interface GatewayLimits {
  /** The largest request body, bytes. The service takes 32 MiB too. */
  readonly bodyBytes: number
  /** The largest request head, bytes. */
  readonly headerBytes: number
  /** The time for a request's head to arrive. */
  readonly headersMs: number
  /** The time for a whole request to arrive. */
  readonly requestMs: number
  /** The time for which an unused connection stays open. */
  readonly unusedMs: number
  /** The time without a byte of an answer, from the service or to the client. */
  readonly idleMs: number
  /** The time for a whole answer. Workspace hosts end a request after 3600 s. */
  readonly totalMs: number
  /** The time that running answers get when the gateway stops. */
  readonly drainMs: number
  readonly connections: number
}

/** The limits unless given. Models think for minutes without a byte, and answer for up to an hour. */
export const DEFAULT_LIMITS: GatewayLimits = {
  bodyBytes: 32 * 1024 * 1024,
  headerBytes: 32 * 1024,
  headersMs: 10_000,
  requestMs: 120_000,
  unusedMs: 60_000,
  idleMs: 600_000,
  totalMs: 3_600_000,
  drainMs: 10_000,
  connections: 1_000,
}
