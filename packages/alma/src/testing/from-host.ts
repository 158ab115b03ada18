/** A value from the host that differs from the declared type `T`. */
export function fromHost<T>(json: string): T {
  return JSON.parse(json)
}
