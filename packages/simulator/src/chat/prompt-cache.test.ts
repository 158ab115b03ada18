import { expect, test } from "vitest"
import type { PromptBlock } from "./prompt-blocks.ts"
import { PromptCache } from "./prompt-cache.ts"

const MINUTE = 60_000

/** Blocks by their texts, the marked ones with a `*`; each has 600 tokens. */
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

test("what is before a mark is kept once and then taken from the cache", () => {
  const use = cacheAt()
  expect(use(blocks("a", "b*", "c"))).toEqual([0, 1200])
  expect(use(blocks("a", "b*", "c"))).toEqual([1200, 0])
})

test("less than 1024 tokens are not kept", () => {
  const use = cacheAt()
  expect(use(blocks("a*", "b"))).toEqual([0, 0])
  expect(use(blocks("a*", "b"))).toEqual([0, 0])
})

test("a conversation that grows takes what was kept, and adds to it", () => {
  const use = cacheAt()
  expect(use(blocks("system", "one*"))).toEqual([0, 1200])
  expect(use(blocks("system", "one", "two", "three*"))).toEqual([1200, 1200])
  expect(use(blocks("system", "one", "two", "three", "four*"))).toEqual([2400, 600])
})

test("the longest of what several marks find counts, and each finds its own", () => {
  const use = cacheAt()
  use(blocks("tool", "system*", "one*"))
  expect(use(blocks("tool", "system*", "other*"))).toEqual([1200, 600])
  expect(use(blocks("tool", "system*", "one*"))).toEqual([1800, 0])
})

test("a change before a mark leaves nothing", () => {
  const use = cacheAt()
  use(blocks("a", "b*"))
  expect(use(blocks("x", "b*"))).toEqual([0, 1200])
  expect(use(blocks("ab", "*"))).toEqual([0, 1200])
})

test.each([
  [20, 1200],
  [21, 0],
])("what was kept %d blocks before a mark: %d tokens", (distance, cached) => {
  const use = cacheAt()
  use(blocks("a", "b*"))
  const later = Array.from({ length: distance }, (_, index) => `later ${index}`)
  expect(use(blocks("a", "b", ...later.slice(0, -1), "end*"))[0]).toBe(cached)
})

test("five minutes after its last use it is gone", () => {
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
