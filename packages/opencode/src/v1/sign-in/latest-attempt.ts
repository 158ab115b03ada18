/** Attempts of which only the newest runs: each new one ends the one before. */
export class LatestAttempt {
  #running: AbortController | undefined

  /** Ends the attempt before and gives the signal of a new one. */
  begin(): AbortSignal {
    this.cancel()
    this.#running = new AbortController()
    return this.#running.signal
  }

  /** Ends whichever runs. */
  cancel(): void {
    this.#running?.abort()
  }
}
