import { clockSkewMs } from "../http/server-time.ts"
import type { Platform } from "../platform.ts"
import type { OAuthCredential } from "./credential.ts"
import type { Renewal } from "./refresh-with-retry.ts"

/** A token is renewed when less than this is left of it, ms, or less than half of its life if that is shorter. */
const RENEWAL_MARGIN_MS = 5 * 60_000

/** Tells what is left of a token: it ends by the server's clock, and people's clocks are sometimes hours off. */
export class ServerClock {
  readonly #world: Pick<Platform, "now">
  /** What the server's clock is ahead of ours, ms. */
  #skewMs = 0
  /** The lifetime of the last token that said it, s: a guess for those that do not. */
  #expiresInS: number | undefined

  constructor(platform: Pick<Platform, "now">) {
    this.#world = platform
  }

  /** Learns the server's time from any of its answers. */
  observe(headers: Headers): void {
    this.#skewMs = clockSkewMs(headers, this.#world.now()) ?? this.#skewMs
  }

  /** Learns how long the server's tokens live. */
  observeLifetime(credential: OAuthCredential | undefined): void {
    this.#expiresInS = credential?.expiresInS ?? this.#expiresInS
  }

  /**
   * The credential of a renewal, dated by the server's clock. An answer without a date was dated by ours; what other answers
   * said of the server's time corrects it.
   */
  renewed({ credential, clockSkewMs }: Extract<Renewal, { kind: "renewed" }>): OAuthCredential {
    if (clockSkewMs === undefined) return { ...credential, expiresAt: credential.expiresAt + this.#skewMs }
    this.#skewMs = clockSkewMs
    return credential
  }

  /** Whether the access token still works. */
  isValid(credential: OAuthCredential): boolean {
    return this.#leftMs(credential) > 0
  }

  /** Whether it is too early to renew the access token. */
  isFresh(credential: OAuthCredential): boolean {
    const { expiresInS = this.#expiresInS ?? Number.POSITIVE_INFINITY } = credential
    // A token that lives shorter than the usual margin would otherwise be renewed at every request.
    return this.#leftMs(credential) >= Math.min(RENEWAL_MARGIN_MS, (expiresInS * 1000) / 2)
  }

  #leftMs({ expiresAt }: OAuthCredential): number {
    return expiresAt - (this.#world.now() + this.#skewMs)
  }
}
