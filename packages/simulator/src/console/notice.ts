/** The port on which a program waits for the console's call, and the state that identifies the call. */
export interface Notice {
  port: number
  state: string
}

/**
 * Reads `127.0.0.1:PORT?state=STATE`, the value of `notice` in the link a program opens.
 * Any other value gives `undefined`, because the key must only reach a program on this computer.
 */
export function readNotice(text: string): Notice | undefined {
  const [, digits, state = ""] = /^127\.0\.0\.1:(\d{1,5})\?state=([0-9a-f]{32})$/i.exec(text) ?? []
  const port = Number(digits)
  return port >= 1 && port <= 65_535 ? { port, state } : undefined
}
