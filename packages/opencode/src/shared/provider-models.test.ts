import * as fc from "fast-check"
import { CODING_PLAN, PAY_AS_YOU_GO, PLANS, TOKEN_PLAN } from "qwen-auth-core/internal"
import { always } from "qwen-auth-testing/properties"
import * as v from "valibot"
import { describe, expect, it } from "vitest"
import { CompleteModel, ownModels as opencodesOwn, ownModel } from "../v1/testing/own-models.ts"
import { accountModels, type ModelEntries, ownModels, planModels, signedOutModels } from "./provider-models.ts"

const ALIASES = ["coder-model", "vision-model"]

/** The ids that stand for themselves, in order. */
const offered = (models: ModelEntries) => Object.keys(models).filter((id) => !ALIASES.includes(id))

function incomplete(models: ModelEntries): string[] {
  return Object.entries(models).flatMap(([id, entry]) =>
    v.is(CompleteModel, entry) && entry.id === id ? [] : [`${id}: ${JSON.stringify(entry)}`],
  )
}

describe("with a Qwen account", () => {
  const own = opencodesOwn()
  const models = accountModels(own)

  it("the two models are there, and each of OpenCode's own", () => {
    expect(Object.keys(models)).toEqual([...ALIASES, ...Object.keys(own)])
    expect(incomplete(models)).toEqual([])
  })

  it("says which model answers, with that model's facts, and no price", () => {
    expect(models["qwen3-coder-plus"]).toMatchObject({
      id: "qwen3-coder-plus",
      name: "Own qwen3-coder-plus (answered by coder-model)",
      api: { id: "coder-model" },
      limit: { context: 1_000_000, output: 65_536 },
      capabilities: { reasoning: true, input: { image: true } },
      cost: { input: 0, output: 0, cache: { read: 0, write: 0 } },
    })
    expect(models["qwen3-vl-plus"]).toMatchObject({
      name: "Own qwen3-vl-plus (answered by vision-model)",
      api: { id: "vision-model" },
      limit: { context: 131_072, output: 8_192 },
      capabilities: { reasoning: false, input: { image: true } },
    })
  })

  it("needs none of OpenCode's own", () => {
    expect(Object.keys(accountModels({}))).toEqual(ALIASES)
  })

  it("leaves OpenCode's own objects as they were", () => {
    expect(own).toEqual(opencodesOwn())
  })
})

describe.each(PLANS)("with a key of the $name", (plan) => {
  it("are those of the catalogue, in its order, while the service has named none, and OpenCode's where one pays as one goes", () => {
    const known = plan.models.map(({ id }) => id)
    expect(offered(planModels(plan, {}, undefined))).toEqual(known)
    const own = opencodesOwn()
    const more = plan.id === PAY_AS_YOU_GO.id ? Object.keys(own).filter((id) => !known.includes(id)) : []
    expect(offered(planModels(plan, own, []))).toEqual([...known, ...more])
  })

  it("are those that the service names: known ones first, in the catalogue's order, then the others by name", () => {
    const [first = "", second = "", third = ""] = plan.models.map(({ id }) => id)
    const live = ["zebra-1", third, "alpaca-2", first, third]
    expect(offered(planModels(plan, {}, live))).toEqual([first, third, "alpaca-2", "zebra-1"])
    expect(offered(planModels(plan, {}, live))).not.toContain(second)
  })

  it("has what people call coder-model and vision-model: models that are offered", () => {
    const models = planModels(plan, {}, undefined)
    expect(models["coder-model"]?.api.id).toBe(plan.codingModels[0])
    expect(models["vision-model"]?.api.id).toBe(plan.visionModels[0])
    expect(models["vision-model"]?.capabilities.input.image).toBe(true)
    for (const id of ALIASES) expect(offered(models)).toContain(models[id]?.api.id)
  })

  it("takes the next one for them when the first is not offered, and any when none is", () => {
    const live = plan.models.map(({ id }) => id).filter((id) => id !== plan.codingModels[0])
    expect(planModels(plan, {}, live)["coder-model"]?.api.id).toBe(plan.codingModels[1])
    expect(planModels(plan, {}, ["some-model"])["coder-model"]).toMatchObject({
      id: "coder-model",
      name: "coder-model (some-model)",
      api: { id: "some-model" },
    })
  })

  it("is complete, with both names, whatever the service names and OpenCode knows", () => {
    const ids = fc.array(fc.stringMatching(/^[\w.:/-]{1,20}$/).filter((id) => !(id in {})))
    always(
      fc.property(ids, fc.boolean(), (live, knowing) => {
        // A model that chats is among them.
        const models = planModels(plan, knowing ? opencodesOwn() : {}, [...live, "qwen-plus"])
        expect(incomplete(models)).toEqual([])
        for (const id of ALIASES) expect(Object.keys(models)).toContain(models[id]?.api.id)
      }),
      40,
    )
  })

  it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])("takes %s for an id like any other", (id) => {
    expect(incomplete(planModels(plan, opencodesOwn(), [id, "qwen-plus"]))).toEqual([])
  })

  it("still has both names when the service names no model that chats", () => {
    const models = planModels(plan, {}, ["text-embedding-v4"])
    expect(Object.keys(models)).toEqual(expect.arrayContaining(ALIASES))
  })
})

describe("OpenCode's own models that the catalogue does not know", () => {
  const own = { "qwen-own-2025": ownModel("qwen-own-2025") }

  it("are offered where one pays as one goes, with their price, while the service has named none", () => {
    for (const live of [undefined, []]) {
      expect(planModels(PAY_AS_YOU_GO, own, live)["qwen-own-2025"]).toEqual(own["qwen-own-2025"])
    }
  })

  it("are not offered once the service has named its models", () => {
    expect(planModels(PAY_AS_YOU_GO, own, ["qwen-plus"])).not.toHaveProperty("qwen-own-2025")
  })

  it.each([CODING_PLAN, TOKEN_PLAN])("are not promised to a key of the $name", (plan) => {
    expect(planModels(plan, own, undefined)).not.toHaveProperty("qwen-own-2025")
  })
})

describe("what the catalogue does not know", () => {
  it.each([
    ...["text-embedding-v4", "qwen3-rerank", "gte-rerank-v2", "qwen-image-plus", "qwen-image-edit", "z-image-turbo"],
    ...["wan2.5-t2v-preview", "wanx2.1-i2v-turbo", "qwen3-tts-flash", "qwen3-asr-flash", "fun-asr", "paraformer-v2"],
    ...["cosyvoice-v3", "qwen-voice-enrollment", "qwen-vl-ocr", "qwen3-omni-flash-realtime", "qwen-mt-plus"],
    ...[
      "qwen3-livetranslate-flash",
      "gui-plus",
      "farui-plus",
      "tongyi-intent-detect-v3",
      "speech-01",
      "qwen-audio-turbo",
    ],
  ])("and does not chat is left out: %s", (id) => {
    expect(offered(planModels(PAY_AS_YOU_GO, {}, [id, "qwen-plus"]))).toEqual(["qwen-plus"])
  })

  it.each([
    ...["qwen-plus", "qwen-max-latest", "qwen-turbo", "qwen-long", "qwq-plus", "qvq-max", "qwen-plus-2025-07-28"],
    ...["qwen3-235b-a22b-instruct-2507", "qwen3-next-80b-a3b-thinking", "qwen2.5-vl-72b-instruct", "qwen-math-plus"],
    ...["deepseek-v3.1", "deepseek-r1-distill-llama-70b", "kimi-k2-thinking", "Moonshot-Kimi-K2-Instruct", "glm-4.6"],
  ])("and chats is offered: %s", (id) => {
    expect(offered(planModels(PAY_AS_YOU_GO, {}, [id]))).toEqual([id])
  })

  it("is promised little, and nothing that the name does not tell", () => {
    const models = planModels(TOKEN_PLAN, {}, ["new-model", "new-vl-model"])
    expect(models["new-model"]).toMatchObject({ name: "new-model", limit: { context: 131_072, output: 8_192 } })
    expect(models["new-model"]?.capabilities).toMatchObject({ reasoning: false, input: { image: false } })
    expect(models["new-vl-model"]?.capabilities).toMatchObject({ attachment: true, input: { image: true } })
  })

  it("is as OpenCode knows it, where that does, without a price: the plan has one", () => {
    const own = ownModel("qwen-long-2025", { limit: { context: 10_000_000, output: 8_192 } })
    const models = planModels(CODING_PLAN, { "qwen-long-2025": own }, ["qwen-long-2025"])
    expect(models["qwen-long-2025"]).toEqual({ ...own, cost: { input: 0, output: 0, cache: { read: 0, write: 0 } } })
  })
})

describe("what is paid as one goes", () => {
  const own = opencodesOwn()

  it("keeps OpenCode's own prices and facts, also of models that the catalogue knows", () => {
    const models = planModels(PAY_AS_YOU_GO, own, ["qwen3-coder-plus", "qwen-plus", "qwen3.7-plus"])
    expect(models["qwen3-coder-plus"]).toEqual(own["qwen3-coder-plus"])
    expect(models["qwen-plus"]).toEqual(own["qwen-plus"])
    expect(models["qwen3.7-plus"]).toMatchObject({ name: "Qwen3.7 Plus" })
  })

  it("has a price under its other names too", () => {
    const models = planModels(PAY_AS_YOU_GO, own, ["qwen3-coder-plus", "qwen3-vl-plus"])
    expect(models["coder-model"]).toMatchObject({ api: { id: "qwen3-coder-plus" }, cost: { input: 1.5 } })
    expect(models["vision-model"]).toMatchObject({ api: { id: "qwen3-vl-plus" }, cost: { output: 7.5 } })
  })

  it("has no price on a plan", () => {
    for (const plan of [CODING_PLAN, TOKEN_PLAN]) {
      const models = planModels(plan, own, Object.keys(own))
      expect(Object.values(models).filter(({ cost }) => cost.input + cost.output > 0)).toEqual([])
    }
  })
})

describe("OpenCode's own models", () => {
  const own = opencodesOwn()

  it("are untouched for a key of OpenCode's own, and the two names stand for two of them", () => {
    const models = ownModels(own)
    expect(models).toMatchObject(own)
    expect(Object.keys(models)).toHaveLength(58)
    expect(models["coder-model"]).toMatchObject({ api: { id: "qwen3-coder-plus" }, cost: { input: 1.5 } })
    expect(models["vision-model"]).toMatchObject({ api: { id: "qwen3-vl-plus" }, cost: { input: 1.5 } })
    expect(incomplete(models)).toEqual([])
  })

  it("are untouched for whom nobody is signed in, beside the account's two", () => {
    const models = signedOutModels(own)
    expect(models).toMatchObject(own)
    expect(Object.keys(models)).toEqual([...ALIASES, ...Object.keys(own)])
    expect(models["coder-model"]?.api.id).toBe("coder-model")
    expect(incomplete(models)).toEqual([])
  })
})
