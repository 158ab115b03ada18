import { createHash } from "node:crypto"
import type { PromptBlock } from "./prompt-blocks.ts"

/** The use of the cache by a request: the tokens that it read and those that it added. */
export interface CacheUse {
  cachedTokens: number
  createdTokens: number
}

/** The minimum number of tokens before a mark. */
const LEAST_TOKENS = 1024
/** The number of blocks before a mark in which a cached prefix may end. */
const LOOK_BACK = 20
const LIFETIME_MS = 5 * 60_000

/** The start of a prompt up to and including one block. */
interface Prefix {
  key: string
  tokens: number
  marked: boolean
}

/** The prompt cache. It keeps the prefix of a prompt up to a mark for five minutes after its last use. */
export class PromptCache {
  /** The expiry of each prefix, epoch ms. */
  readonly #endsAt = new Map<string, number>()

  /** `scope` separates accounts and models. */
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

  /** The longest cached prefix that ends at a mark or at most 20 blocks before it. */
  #newestBefore(prefixes: readonly Prefix[], mark: number): Prefix | undefined {
    return prefixes.slice(Math.max(0, mark - LOOK_BACK), mark + 1).findLast(({ key }) => this.#endsAt.has(key))
  }

  #forget(now: number): void {
    for (const [key, endsAt] of this.#endsAt) if (endsAt <= now) this.#endsAt.delete(key)
  }
}

/** All prefixes up to the last mark. Later blocks are not needed. */
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
