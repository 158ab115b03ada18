/** A promise that the test settles. */
export interface Gate<T> {
  readonly promise: Promise<T>
  open(value: T): void
}

export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    open = resolve
  })
  return { promise, open: (value) => open(value) }
}

/** Lets everything that is ready to happen happen. */
export async function settle(): Promise<void> {
  for (let lock = 0; lock < 3; lock++) await new Promise((resolve) => setImmediate(resolve))
}

/** Waits for what real files take: a few turns, never a fixed time. The test's own time limit ends a wait that is in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
