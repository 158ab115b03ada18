/** Requests that wait for their response hook. More than these never run at once; a forgotten one is dropped. */
const MOST_WAITING = 200
const ADDRESS = "data:application/json;exchange="

/** Sends a request; the signal ends it. */
export type Send = (signal: AbortSignal) => Promise<Response>

/**
 * Takes requests out of OpenCode's hands. OpenCode gets a request for an empty `data:` address instead, and its own fetch
 * answers that without a network. In the response hook the address leads back to the request. An address is found even
 * if another plugin has copied OpenCode's request in between, unlike the request object.
 */
export class Exchanges {
  readonly #waiting = new Map<string, Send>()
  readonly #id: () => string

  /** @param id returns an id that nobody can guess */
  constructor(id: () => string) {
    this.#id = id
  }

  /** Keeps a request, and returns the one that OpenCode sends instead. */
  open(send: Send): Request {
    const address = `${ADDRESS}${this.#id()},{}`
    this.#waiting.set(address, send)
    const [oldest] = this.#waiting.keys()
    if (this.#waiting.size > MOST_WAITING && oldest !== undefined) this.#waiting.delete(oldest)
    return new Request(address)
  }

  /** Returns the request that was kept, once; undefined for a request of OpenCode's own. */
  take({ url }: Pick<Request, "url">): Send | undefined {
    const send = this.#waiting.get(url)
    this.#waiting.delete(url)
    return send
  }
}
