import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { PlanId, Region } from "qwen-auth-core"
import { isChatModel, OAUTH_MODELS, PAY_AS_YOU_GO as PAYG, PLANS, planModels } from "qwen-auth-core/internal"
import * as v from "valibot"
import { describe, expect } from "vitest"
import { configure } from "../harness/opencode/configuration.ts"
import { signInWithKey } from "../harness/opencode/key-sign-in.ts"
import { listedIds, listedModels } from "../harness/opencode/listed-models.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { withOpenCodeServer } from "../harness/opencode/opencode-server.ts"
import { terminalMissing } from "../harness/opencode/terminal.ts"
import { type ThrowawayHome, within } from "../harness/opencode/throwaway-home.ts"
import { it, signedInToPlan } from "../harness/opencode/with-model-studio.ts"
import { writePrivately } from "../harness/opencode/with-opencode.ts"
import { PLAN_IDS } from "../harness/shared/key-client.ts"
import { DEAD_ORIGIN } from "../harness/shared/port.ts"
import type { ApiKey, Simulator } from "../harness/shared/simulator-process.ts"

/** The number of models that OpenCode itself knows for the provider. */
const OWN = 56
const NAMES = OAUTH_MODELS.map(({ id }) => id)
const DAY_MS = 24 * 60 * 60_000

const KEYS = [
  { plan: "coding", region: "international" },
  { plan: "coding", region: "china" },
  { plan: "token", region: "international" },
  { plan: "token", region: "china" },
] as const

/** The catalogue's models of a plan, and the two aliases. */
function catalogue(plan: PlanId, region: Region = "international"): string[] {
  return [...planModels(plan, region).map(({ id }) => id), ...NAMES].sort()
}

describe.skipIf(opencodeMissing)("opencode models alibaba", () => {
  it("lists OpenCode's own models and the account's two when signed out", async ({ home }) => {
    const ids = await listedIds(home)
    expect(ids).toHaveLength(OWN + NAMES.length)
    expect(ids).toEqual(expect.arrayContaining(NAMES))
  })

  it("names the account's model that answers for each of OpenCode's own models", async ({ home }) => {
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
    it(`lists the plan's models with a key: ${plan}, ${region}`, async ({ simulator, home }) => {
      await signedInToPlan(simulator, home, plan, region)
      expect((await listedIds(home)).sort()).toEqual(catalogue(PLAN_IDS[plan], region))
    })
  }

  for (const region of ["international", "hongkong"] as const) {
    it(`lists all known chat models before the first list of the service: payg, ${region}`, async ({
      simulator,
      home,
    }) => {
      const { key } = await signedInToPlan(simulator, home, "payg", region)
      const ids = await listedIds(home)
      await configure(home, { plugin: [] })
      const own = (await listedIds(within(home, { DASHSCOPE_API_KEY: key }))).filter(isChatModel)
      expect(ids.sort()).toEqual([...new Set([...own, ...catalogue(PAYG.id, region)])].sort())
    })
  }

  for (const { id, environmentVariable } of PLANS.filter((plan) => plan !== PAYG)) {
    it(`lists the plan's models with ${environmentVariable}`, async ({ home }) => {
      const ids = await listedIds(within(home, { [environmentVariable]: "sk-sp-0123456789abcdef" }))
      expect(ids.sort()).toEqual(catalogue(id))
    })
  }

  it("does not change OpenCode's own models for DASHSCOPE_API_KEY and for a key that OpenCode stored", async ({
    home,
  }) => {
    const variable = within(home, { DASHSCOPE_API_KEY: "sk-0123456789abcdef" })
    const byVariable = await listedModels(variable)
    await writePrivately(home.authFile, { alibaba: { type: "api", key: "sk-0123456789abcdef" } })
    const byRecord = await listedModels(home)
    await configure(home, { plugin: [] })
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
    "lists the service's models after a sign-in, also offline, and fetches them again after a day",
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
      await withOpenCodeServer(home, async (server) => {
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

/** The service's own list of the models of a key. */
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

/** The time at which the newest list was fetched, epoch ms. */
async function newestList(home: ThrowawayHome): Promise<number> {
  return Math.max(...(await readLists(home)).map(([, { fetchedAt }]) => fetchedAt))
}

/** Changes the time at which the lists were fetched. */
async function moveLists(home: ThrowawayHome, byMs: number): Promise<void> {
  const moved = (await readLists(home)).map(([baseUrl, list]) => [
    baseUrl,
    { ...list, fetchedAt: list.fetchedAt + byMs },
  ])
  await writeFile(listsFile(home), JSON.stringify(Object.fromEntries(moved)))
}
