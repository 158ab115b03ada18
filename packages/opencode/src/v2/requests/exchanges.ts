/** Limit for the stored conversations and for the requests that wait for their response hook. More never run at once. */
const MAX_STORED = 200
const ADDRESS = "data:application/json;exchange="

/** Sends a request. The signal aborts it. */
export type Send = (signal: AbortSignal) => Promise<Response>

/** Identifies a request that OpenCode may send again. */
export interface RequestIdentity {
  /** Requests of one conversation follow each other. */
  readonly conversation: string
  /** Equal for a request that is sent again, and different for the next prompt. */
  readonly digest: string
}

/** A request that the plugin sends instead of OpenCode. */
export interface Exchange {
  readonly send: Send
  readonly digest: string | undefined
  /** Whether OpenCode has called the response hook for it. */
  taken: boolean
  /** The response that OpenCode got in the response hook. */
  response?: Response
}

/**
 * Stores the requests that the plugin sends instead of OpenCode. OpenCode gets a request for an empty `data:` address,
 * which its own fetch answers without a network. The response hook finds the stored request by that address. The request
 * object would not do, because another plugin may have copied it in between.
 */
export class Exchanges {
  readonly #waiting = new Map<string, Exchange>()
  readonly #latest = new Map<string, Exchange>()
  readonly #id: () => string

  /** @param id returns a random id that cannot be guessed */
  constructor(id: () => string) {
    this.#id = id
  }

  /**
   * Stores a request and returns the one that OpenCode sends instead.
   * @param identity undefined if it is unknown
   */
  open(identity: RequestIdentity | undefined, send: Send): Request {
    const address = `${ADDRESS}${this.#id()},{}`
    const exchange = { send, digest: identity?.digest, taken: false }
    put(this.#waiting, address, exchange)
    if (identity !== undefined) put(this.#latest, identity.conversation, exchange)
    return new Request(address)
  }

  /** Removes and returns a stored request; undefined for a request of OpenCode's own. */
  take({ url }: Pick<Request, "url">): Exchange | undefined {
    const exchange = this.#waiting.get(url)
    if (exchange === undefined) return undefined
    this.#waiting.delete(url)
    exchange.taken = true
    return exchange
  }

  /**
   * Returns true if OpenCode repeats a request because it ignored the first one: it could not fetch the address, or did
   * not read the response that it got. An unread response of an earlier request belongs to an interrupted prompt and is
   * cancelled.
   */
  isIgnored({ conversation, digest }: RequestIdentity): boolean {
    const previous = this.#latest.get(conversation)
    const again = previous?.digest === digest
    if (previous === undefined || (again && !previous.taken)) return again
    const { response } = previous
    const unread = response?.body != null && !response.bodyUsed && !response.body.locked
    if (unread) response.body.cancel().catch(() => {})
    return again && unread
  }
}

function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > MAX_STORED && oldest !== undefined) map.delete(oldest)
}
