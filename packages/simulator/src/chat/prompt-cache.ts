import { createHash } from "node:crypto"
import type { PromptBlock } from "./prompt-blocks.ts"

/** What a request took from the cache and put into it. */
export interface CacheUse {
  cachedTokens: number
  createdTokens: number
}

/** The fewest tokens before a mark for which anything is kept. */
const LEAST_TOKENS = 1024
/** How many blocks before a mark are looked at for something that was kept. */
const LOOK_BACK = 20
const LIFETIME_MS = 5 * 60_000

/** The start of a prompt up to and including one block. */
interface Prefix {
  key: string
  tokens: number
  marked: boolean
}

/** The prompt cache: the start of a prompt up to a mark is kept for five minutes, and each use keeps it for five more. */
export class PromptCache {
  /** Epoch milliseconds of its end, by prefix. */
  readonly #endsAt = new Map<string, number>()

  /** `scope` keeps apart what must not be shared: accounts and models. */
  use(blocks: readonly PromptBlock[], scope: string, now: number): CacheUse {
    this.#forget(now)
    const prefixes = prefixesOf(blocks, scope)
    const marks = [...prefixes.keys()].filter((index) => prefixes[index]?.marked)
    const found = marks.flatMap((mark) => this.#newestBefore(prefixes, mark) ?? [])
    const made = prefixes.filter(
      ({ key, tokens, marked }) => marked && tokens >= LEAST_TOKENS && !this.#endsAt.has(key),
    )
    for (const { key } of [...found, ...made]) this.#endsAt.set(key, now + LIFETIME_MS)
    const cachedTokens = mostTokens(found)
    return { cachedTokens, createdTokens: Math.max(0, mostTokens(made) - cachedTokens) }
  }

  /** The longest kept prefix that ends at a mark or at most 20 blocks before it. */
  #newestBefore(prefixes: readonly Prefix[], mark: number): Prefix | undefined {
    return prefixes.slice(Math.max(0, mark - LOOK_BACK), mark + 1).findLast(({ key }) => this.#endsAt.has(key))
  }

  #forget(now: number): void {
    for (const [key, endsAt] of this.#endsAt) if (endsAt <= now) this.#endsAt.delete(key)
  }
}

/** Every prefix up to the last mark: what comes after it is not looked at, so it costs nothing. */
function prefixesOf(blocks: readonly PromptBlock[], scope: string): Prefix[] {
  const last = blocks.findLastIndex(({ marked }) => marked)
  let key = scope
  let total = 0
  return blocks.slice(0, last + 1).map(({ content, tokens, marked }) => {
    key = createHash("sha256").update(`${key}\n${content}`).digest("base64")
    total += tokens
    return { key, tokens: total, marked }
  })
}

function mostTokens(prefixes: readonly Prefix[]): number {
  return Math.max(0, ...prefixes.map(({ tokens }) => tokens))
}
