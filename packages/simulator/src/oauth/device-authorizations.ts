import { randomBytes } from "node:crypto"
import type { Clock } from "../clock.ts"
import { newUserCode, normalUserCode } from "./user-code.ts"

/** The state of a device authorization. `used`: its tokens were issued. */
export type AuthorizationState = "pending" | "approved" | "denied" | "expired" | "used"

/** RFC 8628 §3.5: the interval when the server announces none, and the amount that each slow_down adds. */
const DEFAULT_INTERVAL_S = 5
const SLOW_DOWN_ADDS_S = 5
/** Tolerance for early timers and varying network delays, which must not cause a slow_down. */
const POLL_TOLERANCE_MS = 100

/** One sign-in, from the device code request until its tokens are issued. */
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

  /** Records the user's decision. Only a pending authorization can be decided. */
  decide(decision: "approved" | "denied"): void {
    if (this.state === "pending") this.#decision = decision
  }

  /** Expires the authorization now. */
  expire(): void {
    this.#expiresAt = this.#clock.now()
  }

  /** Marks the device code as used, because its tokens were issued. */
  use(): void {
    this.#decision = "used"
  }

  /** Records a poll. Returns `true` when it came before the interval had passed. */
  polledTooFast(): boolean {
    const now = this.#clock.now()
    const earliest = this.#polledAt === undefined ? now : this.#polledAt + this.#intervalMs - POLL_TOLERANCE_MS
    this.#polledAt = now
    return now < earliest
  }

  /** Extends the interval after a slow_down (RFC 8628 §3.5). */
  slowDown(): void {
    this.#intervalMs += SLOW_DOWN_ADDS_S * 1000
  }
}

/** The parameters of a new authorization, from the device code request and the scenario. */
export interface DeviceAuthorizationRequest {
  codeChallenge: string
  scopes: readonly string[]
  expiresInS: number
  /** Seconds; `null` when the server announces none. */
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

  /** Finds a sign-in by its user code. Case and punctuation do not matter. */
  byUserCode(typed: string): DeviceAuthorization | undefined {
    return this.#byUserCode.get(normalUserCode(typed))
  }
}
