/** Calls `make` once, at the first call, and returns the same promise to every caller. */
export function memoized<T>(make: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => {
    result ??= make()
    return result
  }
}
