/** Conversations that are remembered, and requests that wait for their response hook. More never run at once. */
const MOST = 200
const ADDRESS = "data:application/json;exchange="

/** Sends a request; the signal ends it. */
export type Send = (signal: AbortSignal) => Promise<Response>

/** Identifies a request that may come again. */
export interface RequestIdentity {
  /** Requests of one conversation follow each other. */
  readonly conversation: string
  /** Equal for a request that is sent again, and different for the next turn. */
  readonly digest: string
}

/** A request that was taken out of OpenCode's hands. */
export interface Exchange {
  readonly send: Send
  readonly digest: string | undefined
  /** OpenCode has called the response hook for it. */
  taken: boolean
  /** What OpenCode was given in the response hook; undefined until there is a response. */
  answer?: Response
}

/**
 * Takes requests out of OpenCode's hands. OpenCode gets a request for an empty `data:` address instead, and its own fetch
 * answers that without a network. In the response hook the address leads back to the request. An address is found even
 * if another plugin has copied OpenCode's request in between, unlike the request object.
 */
export class Exchanges {
  readonly #waiting = new Map<string, Exchange>()
  readonly #latest = new Map<string, Exchange>()
  readonly #id: () => string

  /** @param id returns an id that nobody can guess */
  constructor(id: () => string) {
    this.#id = id
  }

  /**
   * Keeps a request, and returns the one that OpenCode sends instead.
   * @param identity undefined if it is not known
   */
  open(identity: RequestIdentity | undefined, send: Send): Request {
    const address = `${ADDRESS}${this.#id()},{}`
    const exchange = { send, digest: identity?.digest, taken: false }
    put(this.#waiting, address, exchange)
    if (identity !== undefined) put(this.#latest, identity.conversation, exchange)
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
   * Returns true if OpenCode sends a request again because it left the first one where it was: it cannot fetch the
   * address, or did not read the response that it was given. An unread response of an earlier turn is one of an
   * interrupted turn, and is ended.
   */
  isIgnored({ conversation, digest }: RequestIdentity): boolean {
    const previous = this.#latest.get(conversation)
    const again = previous?.digest === digest
    if (previous === undefined || (again && !previous.taken)) return again
    const { answer } = previous
    const unread = answer?.body != null && !answer.bodyUsed && !answer.body.locked
    if (unread) answer.body.cancel().catch(() => {})
    return again && unread
  }
}

function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > MOST && oldest !== undefined) map.delete(oldest)
}
