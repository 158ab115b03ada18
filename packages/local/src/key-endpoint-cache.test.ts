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
const SITE = endpointOf(CODING_PLAN)

async function setUp(content?: string) {
  const path = join(await temporaryFolder(), "cache", "qwen-key-endpoints.json")
  if (content !== undefined) {
    await mkdir(join(path, ".."))
    await writeFile(path, content)
  }
  const { log, logged } = fakePlatform()
  return { path, logged, places: keyEndpointCache(path, log) }
}

describe("the endpoint of a key", () => {
  it("is undefined for a key that was never stored", async () => {
    expect(await (await setUp()).places.find(KEY)).toBeUndefined()
  })

  it("is stored for each key and read by the next start", async () => {
    const { path, places } = await setUp()
    await places.remember(KEY, SITE)
    await places.remember("sk-sp-another-key", endpointOf(TOKEN_PLAN, 1))
    expect(await places.find(KEY)).toEqual(SITE)
    const later = keyEndpointCache(path, fakePlatform().log)
    expect(await later.find(KEY)).toEqual(SITE)
    expect(await later.find("sk-sp-another-key")).toEqual(endpointOf(TOKEN_PLAN, 1))
    expect(await later.find(`${KEY}x`)).toBeUndefined()
  })

  it("is the one stored last", async () => {
    const { places } = await setUp()
    await places.remember(KEY, SITE)
    await places.remember(KEY, endpointOf(CODING_PLAN, 1))
    expect(await places.find(KEY)).toEqual(endpointOf(CODING_PLAN, 1))
  })

  it("is stored in a file that contains no part of a key", async () => {
    const { path, places } = await setUp()
    const credential = { type: "api_key" as const, apiKey: KEY, ...SITE }
    await places.remember(KEY, credential)
    const text = await readFile(path, "utf8")
    expect(text).toContain(SITE.baseUrl)
    for (let at = 0; at + 6 <= KEY.length; at++) expect(text).not.toContain(KEY.slice(at, at + 6))
    expect(Buffer.from(text).toString("latin1")).not.toContain(Buffer.from(KEY).toString("base64"))
  })

  it.skipIf(process.platform === "win32")("is stored in a file that is private to the owner", async () => {
    const { path, places } = await setUp()
    await places.remember(KEY, SITE)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })
})

describe("an unusable entry", () => {
  const entryOf = (content: string) => Object.keys(JSON.parse(content))[0] ?? ""

  it.each([
    ["not an object", 7],
    ["of a plan that there is not", { ...SITE, plan: "gold" }],
    ["at no address", { ...SITE, baseUrl: "nowhere" }],
    ["over http", { ...SITE, baseUrl: SITE.baseUrl.replace("https", "http") }],
    ["elsewhere", { ...SITE, baseUrl: "https://evil.test/v1" }],
    ["on a host that begins like a new one", { ...SITE, baseUrl: "https://maas.qwencloudapi.com.evil.test/v1" }],
    ["on a host that ends like a new one", { ...SITE, baseUrl: "https://xmaas.qwencloudapi.com/v1" }],
    ["at another port of a new host", { ...SITE, baseUrl: "https://maas.qwencloudapi.com:8443/v1" }],
    ["of a user at a new host", { ...SITE, baseUrl: "https://user@maas.qianwenaiapi.com/v1" }],
    ["on a host that only begins so", { ...SITE, baseUrl: "https://dashscope.aliyuncs.com.evil.test/v1" }],
  ])("is ignored: %s", async (_, entry) => {
    const { path, places } = await setUp()
    await places.remember(KEY, SITE)
    const own = entryOf(await readFile(path, "utf8"))
    await writeFile(path, JSON.stringify({ [own]: entry }))
    expect(await places.find(KEY)).toBeUndefined()
  })

  it("does not affect the others", async () => {
    const { path, places } = await setUp()
    await places.remember(KEY, SITE)
    const present: unknown = JSON.parse(await readFile(path, "utf8"))
    await writeFile(path, JSON.stringify({ broken: 7, ...Object(present) }))
    expect(await places.find(KEY)).toEqual(SITE)
    await places.remember("sk-sp-another-key", endpointOf(TOKEN_PLAN, 1))
    expect(await places.find(KEY)).toEqual(SITE)
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
    const { places } = await setUp()
    const site = parseApiEndpoint(host)
    await places.remember(KEY, site)
    expect(await places.find(KEY)).toEqual(site)
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
    const { places } = await setUp(content)
    expect(await places.find(KEY)).toBeUndefined()
    await places.remember(KEY, SITE)
    expect(await places.find(KEY)).toEqual(SITE)
  })

  it("never causes an error", async () => {
    const { path, places } = await setUp("{}")
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), anyText), async (content) => {
        await writeFile(path, content)
        expect(await places.find(KEY)).toBeUndefined()
      }),
      { numRuns: 30 },
    )
  })

  it("causes only a message without the key when it cannot be written", async () => {
    const { path, places, logged } = await setUp()
    await mkdir(join(path, "in-the-way"), { recursive: true })
    await places.remember(KEY, SITE)
    expect(logged.map(({ message }) => message)).toEqual(["The cache could not be written."])
    expect(JSON.stringify(logged)).not.toContain(KEY)
    expect(await places.find(KEY)).toBeUndefined()
  })
})
