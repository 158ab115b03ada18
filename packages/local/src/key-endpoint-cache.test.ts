import { mkdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as fc from "fast-check"
import { CODING_PLAN, parseApiEndpoint, TOKEN_PLAN } from "qwen-auth-core/internal"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { endpointOf } from "qwen-auth-testing/key-endpoints"
import { anyText } from "qwen-auth-testing/properties"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { keyEndpointCache } from "./key-endpoint-cache.ts"

const temporaryFolder = temporaryFolders()

const KEY = "sk-sp-key-of-the-test"
const ENDPOINT = endpointOf(CODING_PLAN)

async function setUp(content?: string) {
  const path = join(await temporaryFolder(), "cache", "qwen-key-endpoints.json")
  if (content !== undefined) {
    await mkdir(join(path, ".."))
    await writeFile(path, content)
  }
  const { log, logged } = fakePlatform()
  return { path, logged, cache: keyEndpointCache(path, log) }
}

describe("the endpoint of a key", () => {
  it("is undefined for a key that was never stored", async () => {
    expect(await (await setUp()).cache.find(KEY)).toBeUndefined()
  })

  it("is stored for each key and read by the next start", async () => {
    const { path, cache } = await setUp()
    await cache.remember(KEY, ENDPOINT)
    await cache.remember("sk-sp-another-key", endpointOf(TOKEN_PLAN, 1))
    expect(await cache.find(KEY)).toEqual(ENDPOINT)
    const later = keyEndpointCache(path, fakePlatform().log)
    expect(await later.find(KEY)).toEqual(ENDPOINT)
    expect(await later.find("sk-sp-another-key")).toEqual(endpointOf(TOKEN_PLAN, 1))
    expect(await later.find(`${KEY}x`)).toBeUndefined()
  })

  it("is the one stored last", async () => {
    const { cache } = await setUp()
    await cache.remember(KEY, ENDPOINT)
    await cache.remember(KEY, endpointOf(CODING_PLAN, 1))
    expect(await cache.find(KEY)).toEqual(endpointOf(CODING_PLAN, 1))
  })

  it("is stored in a file that contains no part of a key", async () => {
    const { path, cache } = await setUp()
    const credential = { type: "api_key" as const, apiKey: KEY, ...ENDPOINT }
    await cache.remember(KEY, credential)
    const text = await readFile(path, "utf8")
    expect(text).toContain(ENDPOINT.baseUrl)
    for (let at = 0; at + 6 <= KEY.length; at++) expect(text).not.toContain(KEY.slice(at, at + 6))
    expect(Buffer.from(text).toString("latin1")).not.toContain(Buffer.from(KEY).toString("base64"))
  })

  it.skipIf(process.platform === "win32")("is stored in a file that is private to the owner", async () => {
    const { path, cache } = await setUp()
    await cache.remember(KEY, ENDPOINT)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })
})

describe("an unusable entry", () => {
  const entryOf = (content: string) => Object.keys(JSON.parse(content))[0] ?? ""

  it.each([
    ["not an object", 7],
    ["of an unknown plan", { ...ENDPOINT, plan: "gold" }],
    ["at an invalid address", { ...ENDPOINT, baseUrl: "nowhere" }],
    ["over http", { ...ENDPOINT, baseUrl: ENDPOINT.baseUrl.replace("https", "http") }],
    ["elsewhere", { ...ENDPOINT, baseUrl: "https://evil.test/v1" }],
    ["on a host that begins like a new one", { ...ENDPOINT, baseUrl: "https://maas.qwencloudapi.com.evil.test/v1" }],
    ["on a host that ends like a new one", { ...ENDPOINT, baseUrl: "https://xmaas.qwencloudapi.com/v1" }],
    ["at another port of a new host", { ...ENDPOINT, baseUrl: "https://maas.qwencloudapi.com:8443/v1" }],
    ["of a user at a new host", { ...ENDPOINT, baseUrl: "https://user@maas.qianwenaiapi.com/v1" }],
    ["on a host that begins like an old one", { ...ENDPOINT, baseUrl: "https://dashscope.aliyuncs.com.evil.test/v1" }],
  ])("is ignored: %s", async (_, entry) => {
    const { path, cache } = await setUp()
    await cache.remember(KEY, ENDPOINT)
    const own = entryOf(await readFile(path, "utf8"))
    await writeFile(path, JSON.stringify({ [own]: entry }))
    expect(await cache.find(KEY)).toBeUndefined()
  })

  it("does not affect the others", async () => {
    const { path, cache } = await setUp()
    await cache.remember(KEY, ENDPOINT)
    const present: unknown = JSON.parse(await readFile(path, "utf8"))
    await writeFile(path, JSON.stringify({ broken: 7, ...Object(present) }))
    expect(await cache.find(KEY)).toEqual(ENDPOINT)
    await cache.remember("sk-sp-another-key", endpointOf(TOKEN_PLAN, 1))
    expect(await cache.find(KEY)).toEqual(ENDPOINT)
  })

  it.each([
    "ws-1.cn-beijing.maas.aliyuncs.com",
    "ws-1.ap-northeast-1.maas.aliyuncs.com",
    "ws-1.eu-central-1.maas.aliyuncs.com",
    "trial.cn-hongkong.maas.aliyuncs.com",
    "maas.qwencloudapi.com",
    "token-plan.maas.qwencloudapi.com",
    "maas.qianwenaiapi.com",
    "token-plan.maas.qianwenaiapi.com",
  ])("is not ignored if it has another host of Model Studio: %s", async (host) => {
    const { cache } = await setUp()
    const endpoint = parseApiEndpoint(host)
    await cache.remember(KEY, endpoint)
    expect(await cache.find(KEY)).toEqual(endpoint)
  })
})

describe("an unusable file", () => {
  it.each([
    "",
    "{",
    "[]",
    "null",
    '{"x": 7}',
    '{"x": {"plan": "gold", "region": "china", "baseUrl": "https://a.test"}}',
    '{"x": {"plan": "coding-plan", "region": "moon", "baseUrl": "https://a.test"}}',
    '{"x": {"plan": "coding-plan", "region": "china"}}',
  ])("contains no endpoint and is replaced: %j", async (content) => {
    const { cache } = await setUp(content)
    expect(await cache.find(KEY)).toBeUndefined()
    await cache.remember(KEY, ENDPOINT)
    expect(await cache.find(KEY)).toEqual(ENDPOINT)
  })

  it("never causes an error", async () => {
    const { path, cache } = await setUp("{}")
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), anyText), async (content) => {
        await writeFile(path, content)
        expect(await cache.find(KEY)).toBeUndefined()
      }),
      { numRuns: 30 },
    )
  })

  it("causes only a message without the key when it cannot be written", async () => {
    const { path, cache, logged } = await setUp()
    await mkdir(join(path, "in-the-way"), { recursive: true })
    await cache.remember(KEY, ENDPOINT)
    expect(logged.map(({ message }) => message)).toEqual(["The cache could not be written."])
    expect(JSON.stringify(logged)).not.toContain(KEY)
    expect(await cache.find(KEY)).toBeUndefined()
  })
})
