import { expect, test } from "vitest"
import type { PromptBlock } from "./prompt-blocks.ts"
import { PromptCache } from "./prompt-cache.ts"

const MINUTE = 60_000

/** Blocks with these texts, 600 tokens each. A `*` marks a block. */
function blocks(...texts: string[]): PromptBlock[] {
  return texts.map((text) => ({ content: text.replace("*", ""), tokens: 600, marked: text.includes("*") }))
}

function cacheAt() {
  const cache = new PromptCache()
  return (prompt: PromptBlock[], { now = 0, scope = "ada" } = {}) => {
    const { cachedTokens, createdTokens } = cache.use(prompt, scope, now)
    return [cachedTokens, createdTokens]
  }
}

test("the prefix before a mark is cached once and then read from the cache", () => {
  const use = cacheAt()
  expect(use(blocks("a", "b*", "c"))).toEqual([0, 1200])
  expect(use(blocks("a", "b*", "c"))).toEqual([1200, 0])
})

test("fewer than 1024 tokens are not cached", () => {
  const use = cacheAt()
  expect(use(blocks("a*", "b"))).toEqual([0, 0])
  expect(use(blocks("a*", "b"))).toEqual([0, 0])
})

test("a growing conversation reads the cached prefix and extends it", () => {
  const use = cacheAt()
  expect(use(blocks("system", "one*"))).toEqual([0, 1200])
  expect(use(blocks("system", "one", "two", "three*"))).toEqual([1200, 1200])
  expect(use(blocks("system", "one", "two", "three", "four*"))).toEqual([2400, 600])
})

test("the longest prefix of several marks counts, and each mark has its own", () => {
  const use = cacheAt()
  use(blocks("tool", "system*", "one*"))
  expect(use(blocks("tool", "system*", "other*"))).toEqual([1200, 600])
  expect(use(blocks("tool", "system*", "one*"))).toEqual([1800, 0])
})

test("a change before a mark is a cache miss", () => {
  const use = cacheAt()
  use(blocks("a", "b*"))
  expect(use(blocks("x", "b*"))).toEqual([0, 1200])
  expect(use(blocks("ab", "*"))).toEqual([0, 1200])
})

test.each([
  [20, 1200],
  [21, 0],
])("a prefix that ends %d blocks before a mark: %d cached tokens", (distance, cached) => {
  const use = cacheAt()
  use(blocks("a", "b*"))
  const later = Array.from({ length: distance }, (_, index) => `later ${index}`)
  expect(use(blocks("a", "b", ...later.slice(0, -1), "end*"))[0]).toBe(cached)
})

test("a prefix expires five minutes after its last use", () => {
  const use = cacheAt()
  const prompt = blocks("a", "b*")
  expect(use(prompt)).toEqual([0, 1200])
  expect(use(prompt, { now: 4 * MINUTE })).toEqual([1200, 0])
  expect(use(prompt, { now: 9 * MINUTE - 1 })).toEqual([1200, 0])
  expect(use(prompt, { now: 14 * MINUTE - 1 })).toEqual([0, 1200])
})

test("nothing is shared between scopes", () => {
  const use = cacheAt()
  use(blocks("a", "b*"))
  expect(use(blocks("a", "b*"), { scope: "grace" })).toEqual([0, 1200])
})
