/** Where a program on this computer waits for the console's call, and by which state it knows it. */
export interface Notice {
  port: number
  state: string
}

/**
 * Reads `127.0.0.1:PORT?state=STATE`, the value of `notice` in the link a program opens.
 * Anything else is undefined: the key must reach nobody but a program on this computer.
 */
export function readNotice(text: string): Notice | undefined {
  const [, digits, state = ""] = /^127\.0\.0\.1:(\d{1,5})\?state=([0-9a-f]{32})$/i.exec(text) ?? []
  const port = Number(digits)
  return port >= 1 && port <= 65_535 ? { port, state } : undefined
}
