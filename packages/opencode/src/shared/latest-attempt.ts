/** Allows one sign-in attempt at a time: a new attempt cancels the previous one. */
export class LatestAttempt {
  #running: AbortController | undefined

  /** Cancels the previous attempt and returns the signal of a new one. */
  begin(): AbortSignal {
    this.cancel()
    this.#running = new AbortController()
    return this.#running.signal
  }

  /** Cancels the running attempt. */
  cancel(): void {
    this.#running?.abort()
  }
}
