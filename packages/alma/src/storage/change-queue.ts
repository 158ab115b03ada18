/**
 * Runs changes of one value in order. Each starts when the one before has really ended, however long that takes. A change
 * replaces the result of earlier ones, so only the latest of the waiting changes runs.
 * @returns a function that adds a change. Its promise settles with that change, or with the later one that ran instead.
 */
export function changeQueue<T>(run: (change: T) => Promise<void>): (change: T) => Promise<void> {
  let latest: T
  let ended: Promise<unknown> = Promise.resolve()
  let waiting: Promise<void> | undefined
  return (change) => {
    latest = change
    if (waiting === undefined) {
      waiting = ended.then(() => {
        waiting = undefined
        return run(latest)
      })
      ended = waiting.catch(() => {})
    }
    return waiting
  }
}
