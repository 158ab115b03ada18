/** Where the simulator takes the time from: handed in, so that a test moves it instead of waiting. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
