import { randomBytes } from "node:crypto"
import type { Clock } from "../clock.ts"
import { newUserCode, normalUserCode } from "./user-code.ts"

/** What a person or the clock has made of a device authorization; `used` once its tokens were handed out. */
export type AuthorizationState = "pending" | "approved" | "denied" | "expired" | "used"

/** RFC 8628 §3.5: the interval when the server names none, and what each slow_down adds to it. */
const DEFAULT_INTERVAL_S = 5
const SLOW_DOWN_ADDS_S = 5
/** Timers of clients fire a little early and requests travel at different speeds: not worth a slow_down. */
const POLL_TOLERANCE_MS = 100

/** One sign-in on its way: from the device code request until its tokens are handed out. */
export class DeviceAuthorization {
  readonly deviceCode = randomBytes(32).toString("base64url")
  readonly userCode: string
  readonly codeChallenge: string
  readonly scopes: readonly string[]
  readonly #clock: Clock
  #expiresAt: number
  #decision: "pending" | "approved" | "denied" | "used" = "pending"
  #intervalMs: number
  #polledAt: number | undefined

  constructor(userCode: string, request: DeviceAuthorizationRequest, clock: Clock) {
    this.userCode = userCode
    this.codeChallenge = request.codeChallenge
    this.scopes = request.scopes
    this.#clock = clock
    this.#expiresAt = clock.now() + request.expiresInS * 1000
    this.#intervalMs = (request.intervalS ?? DEFAULT_INTERVAL_S) * 1000
  }

  get state(): AuthorizationState {
    if (this.#decision !== "used" && this.#clock.now() >= this.#expiresAt) return "expired"
    return this.#decision
  }

  /** Takes the person's decision; only a pending authorization can be decided. */
  decide(decision: "approved" | "denied"): void {
    if (this.state === "pending") this.#decision = decision
  }

  /** Ends its life now, as if the time had passed. */
  expire(): void {
    this.#expiresAt = this.#clock.now()
  }

  /** The tokens were handed out: the device code is good for nothing more. */
  use(): void {
    this.#decision = "used"
  }

  /** Notes a poll; true when it came sooner than the interval. */
  polledTooFast(): boolean {
    const now = this.#clock.now()
    const earliest = this.#polledAt === undefined ? now : this.#polledAt + this.#intervalMs - POLL_TOLERANCE_MS
    this.#polledAt = now
    return now < earliest
  }

  /** The client is told slow_down: from now on its interval is longer (RFC 8628 §3.5). */
  slowDown(): void {
    this.#intervalMs += SLOW_DOWN_ADDS_S * 1000
  }
}

/** What the device code request and the scenario say of a new authorization. */
export interface DeviceAuthorizationRequest {
  codeChallenge: string
  scopes: readonly string[]
  expiresInS: number
  /** Seconds, or null when the server names none. */
  intervalS: number | null
}

/** All sign-ins since the start or the last reset. */
export class DeviceAuthorizations {
  readonly #clock: Clock
  readonly #byDeviceCode = new Map<string, DeviceAuthorization>()
  readonly #byUserCode = new Map<string, DeviceAuthorization>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  start(request: DeviceAuthorizationRequest): DeviceAuthorization {
    let userCode = newUserCode()
    while (this.#byUserCode.has(userCode)) userCode = newUserCode()
    const authorization = new DeviceAuthorization(userCode, request, this.#clock)
    this.#byDeviceCode.set(authorization.deviceCode, authorization)
    this.#byUserCode.set(userCode, authorization)
    return authorization
  }

  byDeviceCode(deviceCode: string): DeviceAuthorization | undefined {
    return this.#byDeviceCode.get(deviceCode)
  }

  /** Finds a sign-in by its user code in whatever case and punctuation it was typed. */
  byUserCode(typed: string): DeviceAuthorization | undefined {
    return this.#byUserCode.get(normalUserCode(typed))
  }
}
