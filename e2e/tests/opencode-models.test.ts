import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { PlanId, Region } from "qwen-auth-core"
import { isChatModel, OAUTH_MODELS, PAY_AS_YOU_GO as PAYG, PLANS, planModels } from "qwen-auth-core/internal"
import * as v from "valibot"
import { describe, expect } from "vitest"
import { signInWithKey } from "../harness/opencode/key-sign-in.ts"
import { listedIds, listedModels } from "../harness/opencode/listed-models.ts"
import { withOpenCodeServer } from "../harness/opencode/opencode-server.ts"
import { terminalMissing } from "../harness/opencode/terminal.ts"
import { type ThrowawayHome, within } from "../harness/opencode/throwaway-home.ts"
import { it, signedInWithKey } from "../harness/opencode/with-model-studio.ts"
import { opencodeBinary, opencodeMissing, writePrivately } from "../harness/opencode/with-opencode.ts"
import { DEAD_ORIGIN } from "../harness/shared/port.ts"
import type { ApiKey, Simulator } from "../harness/shared/simulator-process.ts"

/** What OpenCode itself knows of the provider. */
const OWN = 56
const NAMES = OAUTH_MODELS.map(({ id }) => id)
const DAY_MS = 24 * 60 * 60_000

const KEYS = [
  { plan: "coding", region: "international" },
  { plan: "coding", region: "china" },
  { plan: "token", region: "international" },
  { plan: "token", region: "china" },
] as const

const PLAN_IDS = { coding: "coding-plan", token: "token-plan" } as const

/** What the catalogue has of a plan, and the two names that stand for one of them each. */
function catalogue(plan: PlanId, region: Region = "international"): string[] {
  return [...planModels(plan, region).map(({ id }) => id), ...NAMES].sort()
}

describe.skipIf(opencodeMissing)("opencode models alibaba", () => {
  it("signed out: OpenCode's own, and the account's two", async ({ home }) => {
    const ids = await listedIds(home)
    expect(ids).toHaveLength(OWN + NAMES.length)
    expect(ids).toEqual(expect.arrayContaining(NAMES))
  })

  it("Qwen account: each of OpenCode's own says which of the account's two answers", async ({ home }) => {
    const record = { type: "oauth", access: "access", refresh: "refresh", expires: Date.now() + DAY_MS }
    await writePrivately(home.authFile, { alibaba: record })
    const models = await listedModels(home)

    expect(models.size).toBe(OWN + NAMES.length)
    expect([...models.keys()]).toEqual(expect.arrayContaining(NAMES))
    for (const [id, { facts }] of models) {
      expect(facts.cost).toMatchObject({ input: 0, output: 0 })
      if (!NAMES.includes(id)) expect(facts.name).toMatch(/ \(answered by (coder|vision)-model\)$/)
    }
    expect(models.get("qwen3-vl-plus")?.facts.name).toContain("vision-model")
    expect(models.get("qwen3-coder-plus")?.facts.name).toContain("coder-model")
  })

  for (const { plan, region } of KEYS) {
    it(`${plan} key, ${region}: what the plan has`, async ({ simulator, home }) => {
      const id = PLAN_IDS[plan]
      const { key, base_url } = await simulator.apiKey(plan, { region })
      await signedInWithKey(home, key, { plan: id, region, baseUrl: base_url })
      expect((await listedIds(home)).sort()).toEqual(catalogue(id, region))
    })
  }

  for (const region of ["international", "hongkong"] as const) {
    it(`payg key, ${region}: until the service has told, all that chats and OpenCode or we know`, async ({
      simulator,
      home,
    }) => {
      const { key, base_url } = await simulator.apiKey("payg", { region })
      await signedInWithKey(home, key, { plan: PAYG.id, region, baseUrl: base_url })
      const ids = await listedIds(home)
      await withoutPlugin(home)
      const own = (await listedIds(within(home, { DASHSCOPE_API_KEY: key }))).filter(isChatModel)
      expect(ids.sort()).toEqual([...new Set([...own, ...catalogue(PAYG.id, region)])].sort())
    })
  }

  for (const { id, environmentVariable } of PLANS.filter((plan) => plan !== PAYG)) {
    it(`${environmentVariable}: what the plan has`, async ({ home }) => {
      const ids = await listedIds(within(home, { [environmentVariable]: "sk-sp-0123456789abcdef" }))
      expect(ids.sort()).toEqual(catalogue(id))
    })
  }

  it("DASHSCOPE_API_KEY, and a key that OpenCode stored: OpenCode's own as they are without the plugin", async ({
    home,
  }) => {
    const variable = within(home, { DASHSCOPE_API_KEY: "sk-0123456789abcdef" })
    const byVariable = await listedModels(variable)
    await writePrivately(home.authFile, { alibaba: { type: "api", key: "sk-0123456789abcdef" } })
    const byRecord = await listedModels(home)
    await withoutPlugin(home)
    const bare = await listedModels(home)

    expect(bare.size).toBe(OWN)
    for (const models of [byVariable, byRecord]) {
      expect([...models.keys()].filter((id) => !bare.has(id)).sort()).toEqual([...NAMES].sort())
      for (const [id, { text }] of bare) expect(models.get(id)?.text).toBe(text)
    }
    await rm(home.authFile)
    expect((await listedModels(variable)).size).toBe(OWN)
  })

  it.skipIf(terminalMissing)(
    "after a sign-in: what the service listed, offline too; asked again after a day",
    async ({ simulator, home }) => {
      const made = await simulator.apiKey("payg")
      expect((await signInWithKey(home, { key: made.key })).output).toContain("Login successful")
      const offered = await modelsOf(simulator, made)
      const expected = [...offered.filter(isChatModel), ...NAMES].sort()
      expect(expected.length).toBeLessThan(offered.length)
      expect((await listedIds(home)).sort()).toEqual(expected)

      await moveLists(home, -DAY_MS + 60 * 60_000)
      const before = (await simulator.log()).length
      expect((await listedIds(home)).sort()).toEqual(expected)
      expect((await simulator.log()).length).toBe(before)

      await moveLists(home, -2 * 60 * 60_000)
      await withOpenCodeServer(opencodeBinary, home, async (server) => {
        await server.get("/config/providers")
        await expect.poll(() => newestList(home)).toBeGreaterThan(Date.now() - 60 * 60_000)
      })
      expect((await simulator.log()).slice(before).map(({ path }) => path)).toEqual(["/compatible-mode/v1/models"])

      await moveLists(home, -7 * DAY_MS)
      expect((await listedIds(within(home, { HTTPS_PROXY: DEAD_ORIGIN }))).sort()).toEqual(expected)
    },
  )
})

const ModelList = v.object({ data: v.array(v.object({ id: v.string() })) })

/** What the service itself says that a key can use. */
async function modelsOf(simulator: Simulator, { key, host, base_url }: ApiKey): Promise<string[]> {
  const url = `${simulator.origin}/_hosts/${host}${new URL(base_url).pathname}/models`
  const response = await fetch(url, { headers: { Authorization: `Bearer ${key}` } })
  return v.parse(ModelList, await response.json()).data.map(({ id }) => id)
}

const Lists = v.pipe(
  v.string(),
  v.parseJson(),
  v.record(v.string(), v.object({ fetchedAt: v.number(), ids: v.array(v.string()) })),
)

const listsFile = (home: ThrowawayHome) => join(home.env["HOME"] ?? "", ".opencode", "cache", "qwen-models.json")

async function readLists(home: ThrowawayHome) {
  return Object.entries(v.parse(Lists, await readFile(listsFile(home), "utf8")))
}

/** When the newest list was got, epoch ms. */
async function newestList(home: ThrowawayHome): Promise<number> {
  return Math.max(...(await readLists(home)).map(([, { fetchedAt }]) => fetchedAt))
}

/** Moves the time at which the lists were got. */
async function moveLists(home: ThrowawayHome, byMs: number): Promise<void> {
  const moved = (await readLists(home)).map(([baseUrl, list]) => [
    baseUrl,
    { ...list, fetchedAt: list.fetchedAt + byMs },
  ])
  await writeFile(listsFile(home), JSON.stringify(Object.fromEntries(moved)))
}

async function withoutPlugin(home: ThrowawayHome): Promise<void> {
  const config: unknown = JSON.parse(await readFile(home.configFile, "utf8"))
  await writeFile(home.configFile, JSON.stringify(Object.assign({}, config, { plugin: [] })))
}
