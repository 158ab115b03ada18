import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { planModels } from "qwen-auth-core/internal"
import { eventually } from "qwen-auth-testing/eventually"
import type { Reply } from "qwen-auth-testing/fake-platform"
import { json } from "qwen-auth-testing/replies"
import { credential } from "qwen-auth-testing/samples"
import { chunk, DONE, events } from "qwen-auth-testing/streams"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { expect, it } from "vitest"
import { CONNECTION, chatRequest, setUpIn, stored } from "../testing/set-up.ts"
import { applyModelPlan, SIGNED_OUT } from "./model-plan.ts"

const temporaryFolder = temporaryFolders()
const KEY = { type: "key", key: "sk-sp-key-of-the-test", configuration: { endpoint: "coding-plan-china" } }

it("both models of a Qwen account are listed completely before a sign-in", async () => {
  const { models } = await setUpIn(await temporaryFolder())

  expect([...models().keys()]).toEqual(["coder-model", "vision-model"])
  expect(models().get("coder-model")).toMatchObject({
    modelID: "coder-model",
    capabilities: { tools: true, input: ["text", "image"], output: ["text"] },
    limit: { context: 1_000_000, output: 65_536 },
    cost: [{ input: 0, output: 0, cache: { read: 0, write: 0 } }],
    enabled: true,
  })
})

it("the list follows the connection: an account, a plan's key, nothing", async () => {
  const plugin = await setUpIn(await temporaryFolder(), { rest: json({}, 404) })
  const own = ["qwen3-max", "qwen3-coder-plus", "of-the-host"]
  plugin.connect(CONNECTION, stored(credential()))
  await plugin.emit("credential.updated")
  await eventually(() => expect(plugin.reloads()).toBe(1))
  expect(plugin.models(own).get("qwen3-max")?.name).toMatch(/answered by coder-model/)

  plugin.connect({ type: "credential", id: "credential-2" }, KEY)
  await plugin.emit("credential.switched")
  await eventually(() => expect(plugin.reloads()).toBe(2))
  const planned = plugin.models(own)
  expect([...planned.keys()]).toEqual(expect.arrayContaining(planModels("coding-plan", "china").map(({ id }) => id)))
  expect(planned.has("qwen3-max")).toBe(false)
  expect(planned.has("of-the-host")).toBe(true)
  expect(planned.get("coder-model")?.modelID).toBe("qwen3.7-plus")

  plugin.connect(undefined)
  await plugin.emit("credential.updated")
  await eventually(() => expect(plugin.reloads()).toBe(3))
  expect([...plugin.models().keys()]).toEqual(["coder-model", "vision-model"])
})

it("a refresh of the same connection and other events do not reload the list", async () => {
  const plugin = await setUpIn(await temporaryFolder())
  plugin.connect(CONNECTION, stored(credential()))
  await plugin.emit("credential.updated")
  await eventually(() => expect(plugin.reloads()).toBe(1))
  await plugin.emit("credential.updated")
  await plugin.emit("session.created")

  expect(plugin.reloads()).toBe(1)
})

it("the service's list for a key is used once it arrives", async () => {
  const home = await temporaryFolder()
  await mkdir(join(home, ".opencode"))
  const plugin = await setUpIn(home, { replies: [json({ data: [{ id: "qwen3.5-plus" }] })] })
  plugin.connect(CONNECTION, KEY)
  await plugin.emit("credential.updated")
  await eventually(() => expect(plugin.reloads()).toBe(2))

  expect([...plugin.models().keys()].sort()).toEqual(["coder-model", "qwen3.5-plus", "vision-model"])
})

it.each([
  ["gives", { type: "key", key: "sk-sp-used-key-of-the-test" }],
  ["does not return", undefined],
])(
  "a plan's variable, whose key OpenCode %s, has that plan's models; another key causes one warning",
  async (_, given) => {
    const environment = {
      BAILIAN_CODING_PLAN_API_KEY: " sk-sp-used-key-of-the-test",
      ALIBABA_CODING_PLAN_API_KEY: "sk-sp-used-key-of-the-test",
      QWENCLOUD_API_KEY: "sk-sp-another-key-of-the-test",
    }
    const plugin = await setUpIn(await temporaryFolder(), { environment, rest: json({}, 404) })
    for (const name of ["BAILIAN_CODING_PLAN_API_KEY", "QWENCLOUD_API_KEY", "BAILIAN_CODING_PLAN_API_KEY"]) {
      plugin.connect({ type: "env", name }, given)
      await plugin.emit("credential.switched")
      await eventually(() => expect(plugin.reloads()).toBeGreaterThan(0))
    }

    await eventually(() => expect(plugin.models().get("coder-model")?.modelID).toBe("qwen3.7-plus"))
    expect(plugin.platform.logged.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
      "The API key in BAILIAN_CODING_PLAN_API_KEY is used, not the other one in QWENCLOUD_API_KEY.",
    ])
  },
)

it.each([
  ["with its own list", true, ["coder-model", "qwen3.5-plus", "vision-model"]],
  // Nothing can be stored without the folder, see json-file.ts.
  ["without a folder for caches", false, expect.arrayContaining(planModels("token-plan", "china").map(({ id }) => id))],
])(
  "a key's list follows the plan and region that a request detects, %s, until the cleanup",
  async (_, folder, expected) => {
    const list = json({ data: [{ id: "qwen3.5-plus" }] })
    const answer = events(chunk({ content: "42" }), chunk({}, "stop"), DONE)
    const rest: Reply = (request) => {
      if (!request.url.endsWith("/models")) return answer(request)
      return (request.url.includes("token-plan.cn-beijing") ? list : json({ error: "invalid api-key" }, 401))(request)
    }
    const home = await temporaryFolder()
    if (folder) await mkdir(join(home, ".opencode"))
    const plugin = await setUpIn(home, { rest })
    plugin.connect(CONNECTION, { type: "key", key: "sk-sp-key-of-the-test", configuration: { endpoint: "detect" } })
    await plugin.emit("credential.updated")
    await eventually(() => expect(plugin.models().size).toBeGreaterThan(10))

    await (await plugin.send(chatRequest("sk-sp-key-of-the-test"), fetch)).text()
    await eventually(() => {
      expect([...plugin.models().keys()].sort()).toEqual(expected)
      expect(plugin.models().has("qwen3-coder-next")).toBe(false)
    })
    expect(plugin.services.onKeyResolved.size).toBe(1)
    plugin.cleanup()
    expect(plugin.services.onKeyResolved.size).toBe(0)
  },
)

it("the list is not changed after the cleanup", async () => {
  const plugin = await setUpIn(await temporaryFolder())
  plugin.cleanup()
  plugin.connect(CONNECTION, stored(credential()))
  await plugin.emit("credential.updated")

  expect(plugin.reloads()).toBe(0)
})

it("a connection that OpenCode cannot resolve is logged and resolved again after the next event", async () => {
  const plugin = await setUpIn(await temporaryFolder())
  plugin.connect(CONNECTION, { type: "unknown" })
  await plugin.emit("credential.updated")
  expect(plugin.platform.logged.map(({ message }) => message)).toContain(
    "The models of the sign-in could not be listed.",
  )

  plugin.connect(CONNECTION, stored(credential()))
  await plugin.emit("credential.updated")
  await eventually(() => expect(plugin.reloads()).toBe(1))
})

it("the variants of a model are its levels of thinking, sent as reasoning_effort", async () => {
  const { models } = SIGNED_OUT
  const [coder] = models
  if (coder === undefined) throw new Error("no model")
  const plan = { ...SIGNED_OUT, models: [{ ...coder, variants: { none: {}, high: { reasoningEffort: "high" } } }] }
  const plugin = await setUpIn(await temporaryFolder())
  const model = plugin.models().get("coder-model")
  applyModelPlan({ models: { update: (_, __, update) => model && update(model), remove: () => {} } }, plan)

  expect(model?.variants).toEqual([
    { id: "none", body: { reasoning_effort: "none" } },
    { id: "high", body: { reasoning_effort: "high" } },
  ])
})

it("an editor that refuses one change does not affect the others", () => {
  const updated: string[] = []
  const failure = applyModelPlan(
    {
      models: {
        remove() {
          throw new Error("no such model")
        },
        update: (_, id) => void updated.push(id),
      },
    },
    { ...SIGNED_OUT, removed: ["gone"] },
  )

  expect(updated).toEqual(["coder-model", "vision-model"])
  expect(failure).toMatchObject({ message: "no such model" })
})

it("the prices of OpenCode's own list stay where they apply", async () => {
  const plugin = await setUpIn(await temporaryFolder())
  const model = plugin.models().get("coder-model")
  if (model === undefined) throw new Error("no model")
  const price = { input: 1, output: 2, cache: { read: 0, write: 0 } }
  model.cost = [price]
  applyModelPlan(
    { models: { update: (_, __, update) => update(model), remove: () => {} } },
    { ...SIGNED_OUT, models: SIGNED_OUT.models.slice(0, 1), hostPrices: true },
  )

  expect(model.cost).toEqual([price])
})
