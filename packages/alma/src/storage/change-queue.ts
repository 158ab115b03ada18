/**
 * Runs changes of one thing in order, each when the one before has really ended, however long that takes. A change replaces all
 * that the ones before it would leave, so of those that wait only the latest runs.
 * @returns takes a change; the promise ends as the change does, or as the later one that ran in its place
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
