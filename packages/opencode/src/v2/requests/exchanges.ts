/** Conversations that are remembered, and requests that wait for their response hook. More never run at once. */
const MOST = 200
const ADDRESS = "data:application/json;exchange="

/** Sends a request; the signal ends it. */
export type Send = (signal: AbortSignal) => Promise<Response>

/** A request that was taken out of OpenCode's hands. */
export interface Exchange {
  readonly send: Send
  /** OpenCode has called the response hook for it. */
  readonly taken: boolean
  /** What OpenCode was given in the response hook; undefined until there is a response. */
  answer?: Response
}

/**
 * Takes requests out of OpenCode's hands. OpenCode gets a request for an empty `data:` address instead, and its own fetch
 * answers that without a network. In the response hook the address leads back to the request. An address is found even
 * if another plugin has copied OpenCode's request in between, unlike the request object.
 */
export class Exchanges {
  readonly #waiting = new Map<string, Exchange & { taken: boolean }>()
  readonly #latest = new Map<string, Exchange>()
  readonly #id: () => string

  /** @param id returns an id that nobody can guess */
  constructor(id: () => string) {
    this.#id = id
  }

  /**
   * Keeps a request, and returns the one that OpenCode sends instead.
   * @param conversation identifies requests that follow each other; undefined if that is not known
   */
  open(conversation: string | undefined, send: Send): Request {
    const address = `${ADDRESS}${this.#id()},{}`
    const exchange = { send, taken: false }
    put(this.#waiting, address, exchange)
    if (conversation) put(this.#latest, conversation, exchange)
    return new Request(address)
  }

  /** Returns the request that was kept, once; undefined for a request of OpenCode's own. */
  take({ url }: Pick<Request, "url">): Exchange | undefined {
    const exchange = this.#waiting.get(url)
    if (exchange === undefined) return undefined
    this.#waiting.delete(url)
    exchange.taken = true
    return exchange
  }

  /**
   * Returns true if OpenCode has left the previous request of the conversation where it was: it cannot fetch the address,
   * or did not read the response that it was given.
   */
  isIgnored(conversation: string): boolean {
    const previous = this.#latest.get(conversation)
    if (previous === undefined) return false
    if (!previous.taken) return true
    const { answer } = previous
    return answer?.body != null && !answer.bodyUsed && !answer.body.locked
  }
}

function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > MOST && oldest !== undefined) map.delete(oldest)
}
