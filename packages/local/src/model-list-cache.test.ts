import { mkdir, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as fc from "fast-check"
import { fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { anyText } from "qwen-auth-testing/properties"
import { HOUR } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { modelListCache } from "./model-list-cache.ts"

const temporaryFolder = temporaryFolders()

const HERE = "https://coding.dashscope.aliyuncs.com/v1"
const THERE = "https://dashscope.aliyuncs.com/compatible-mode/v1"
const DAY = 24 * HOUR
const NOTHING = { ids: undefined, stale: true }

async function setUp(content?: string) {
  const path = join(await temporaryFolder(), "cache", "qwen-models.json")
  if (content !== undefined) {
    await mkdir(join(path, ".."))
    await writeFile(path, content)
  }
  const platform = fakePlatform()
  return { path, platform, lists: modelListCache(path, platform.now, platform.log) }
}

describe("the model lists", () => {
  it("are empty and stale at first", async () => {
    expect(await (await setUp()).lists.find(HERE)).toEqual(NOTHING)
  })

  it("are stored for each base URL and read by the next start", async () => {
    const { path, platform, lists } = await setUp()
    await lists.remember(HERE, ["a", "b"])
    await lists.remember(THERE, ["c"])
    const later = modelListCache(path, platform.now, platform.log)
    expect(await later.find(HERE)).toEqual({ ids: ["a", "b"], stale: false })
    expect(await later.find(THERE)).toEqual({ ids: ["c"], stale: false })
    expect(await later.find(`${THERE}/`)).toEqual(NOTHING)
  })

  it("are replaced, not merged", async () => {
    const { lists } = await setUp()
    await lists.remember(HERE, ["a", "b"])
    await lists.remember(HERE, ["c"])
    expect((await lists.find(HERE)).ids).toEqual(["c"])
  })

  it("are not replaced by an empty list", async () => {
    const { lists } = await setUp()
    await lists.remember(HERE, ["a"])
    await lists.remember(HERE, [])
    expect((await lists.find(HERE)).ids).toEqual(["a"])
  })

  it.each([
    [DAY - 1, { ids: ["a"], stale: false }],
    [DAY, { ids: ["a"], stale: true }],
    [30 * DAY - 1, { ids: ["a"], stale: true }],
    [30 * DAY, NOTHING],
    [-DAY, { ids: ["a"], stale: true }],
    [-30 * DAY, NOTHING],
  ])("are after %i ms: %j", async (ageMs, expected) => {
    const { lists, platform } = await setUp()
    await lists.remember(HERE, ["a"])
    platform.pass(ageMs)
    expect(await lists.find(HERE)).toEqual(expected)
  })

  it.skipIf(process.platform === "win32")("are stored in a file that is private to the owner", async () => {
    const { path, lists } = await setUp()
    await lists.remember(HERE, ["a"])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })
})

describe("an unusable file", () => {
  it.each([
    "",
    "{",
    "[]",
    "null",
    JSON.stringify({ [HERE]: ["a"] }),
    JSON.stringify({ [HERE]: { fetchedAt: "today", ids: ["a"] } }),
    JSON.stringify({ [HERE]: { fetchedAt: START, ids: [7] } }),
    JSON.stringify({ [HERE]: { fetchedAt: null, ids: ["a"] } }),
  ])("contains no list and is replaced: %j", async (content) => {
    const { lists } = await setUp(content)
    expect(await lists.find(HERE)).toEqual(NOTHING)
    await lists.remember(HERE, ["b"])
    expect(await lists.find(HERE)).toEqual({ ids: ["b"], stale: false })
  })

  it("never causes an error", async () => {
    const { path, lists } = await setUp("{}")
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), anyText), async (content) => {
        await writeFile(path, content)
        expect(await lists.find(HERE)).toEqual(NOTHING)
      }),
      { numRuns: 30 },
    )
  })

  it("causes only a message when it cannot be written", async () => {
    const { path, lists, platform } = await setUp()
    await mkdir(join(path, "in-the-way"), { recursive: true })
    await lists.remember(HERE, ["a"])
    expect(platform.logged.map(({ message }) => message)).toEqual(["The cache could not be written."])
    expect(await lists.find(HERE)).toEqual(NOTHING)
  })
})
