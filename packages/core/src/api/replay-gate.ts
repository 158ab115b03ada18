import { abortableWait } from "../http/deadline.ts"

/**
 * When a token is rejected for several requests at once, sends only one of them again first. Its response shows for
 * all of them whether the refreshed token works. Otherwise an account without quota would get two requests for each of
 * them.
 */
export class ReplayGate<T extends { readonly response: Response }> {
  #current: { readonly accessToken: string; readonly rejection: Promise<T | undefined> } | undefined

  /**
   * Sends a request again with a refreshed token, or returns the rejection that another request got with this token.
   * @param replay sends the request
   * @param signal aborts the wait for the other request
   */
  async send(accessToken: string, replay: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.#current?.accessToken === accessToken) {
      const rejection = await abortableWait(this.#current.rejection, signal)
      return rejection === undefined ? replay() : copyOf(rejection)
    }
    const sent = replay()
    const rejection = sent.then(
      (first) => (first.response.status === 401 ? copyOf(first) : undefined),
      () => undefined,
    )
    this.#current = { accessToken, rejection }
    // The response must be cloned before the caller reads it.
    await rejection
    return sent
  }
}

function copyOf<T extends { readonly response: Response }>(sent: T): T {
  return { ...sent, response: sent.response.clone() }
}
