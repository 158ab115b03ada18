import { abortableWait } from "../http/deadline.ts"

/**
 * Of the requests whose token was rejected at the same moment only one is sent again at first: whether the renewed token works is
 * then known for all. Without this an account that has lost its quota would be asked twice for each of them.
 */
export class TokenProofs<T extends { readonly response: Response }> {
  #present: { readonly accessToken: string; readonly rejection: Promise<T | undefined> } | undefined

  /**
   * Sends a request again with a renewed token, or gives it the rejection that another got with this token.
   * @param send sends it
   * @param signal ends waiting for another's proof
   */
  async prove(accessToken: string, send: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.#present?.accessToken === accessToken) {
      const rejection = await abortableWait(this.#present.rejection, signal)
      return rejection === undefined ? send() : copyOf(rejection)
    }
    const sent = send()
    const rejection = sent.then(
      (answered) => (answered.response.status === 401 ? copyOf(answered) : undefined),
      () => undefined,
    )
    this.#present = { accessToken, rejection }
    // The copy is made before anyone reads the original.
    await rejection
    return sent
  }
}

function copyOf<T extends { readonly response: Response }>(answered: T): T {
  return { ...answered, response: answered.response.clone() }
}
