import * as fc from "fast-check"
import { CODING_PLAN, isChatModel, PAY_AS_YOU_GO, PLANS, planModels, planOf, TOKEN_PLAN } from "qwen-auth-core/internal"
import { always } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { incomplete, ownModels as opencodesOwn, ownModel } from "../v1/testing/own-models.ts"
import { keyModels, type PlanRegion } from "./key-models.ts"
import type { ModelEntries } from "./model-entry.ts"

const ALIASES = ["coder-model", "vision-model"]
const PLAN_REGIONS: readonly PlanRegion[] = PLANS.flatMap(({ endpoints }) => endpoints)
const PAY_AS_YOU_GO_INTERNATIONAL: PlanRegion = { plan: PAY_AS_YOU_GO.id, region: "international" }
const PAYG_CHINA: PlanRegion = { plan: PAY_AS_YOU_GO.id, region: "china" }
const TOKEN: PlanRegion = { plan: TOKEN_PLAN.id, region: "international" }
const CODING: PlanRegion = { plan: CODING_PLAN.id, region: "international" }
const FREE = { input: 0, output: 0, cache: { read: 0, write: 0 } }

/** The ids without the aliases, in order. */
const offered = (models: ModelEntries) => Object.keys(models).filter((id) => !ALIASES.includes(id))

describe.each(PLAN_REGIONS)("with a key of $plan, $region", (where) => {
  const plan = planOf(where.plan)
  const known = planModels(where.plan, where.region).map(({ id }) => id)
  const sharesOpencodes = plan === PAY_AS_YOU_GO && where.region !== "china"

  it("are those of the catalogue until the service lists some, and OpenCode's newer ones where its prices apply", () => {
    expect(offered(keyModels(where, {}, undefined))).toEqual(known)
    const own = opencodesOwn()
    const more = Object.keys(own).filter((id) => !known.includes(id))
    expect(offered(keyModels(where, own, []))).toEqual([...known, ...(sharesOpencodes ? more.sort() : [])])
  })

  it("are those that the service lists: known ones first, in the catalogue's order, then the others by name", () => {
    const [first = "", second = "", third = ""] = known
    const models = keyModels(where, opencodesOwn(), ["zebra-1", third, "alpaca-2", first, third])
    expect(offered(models)).toEqual([first, third, "alpaca-2", "zebra-1"])
    expect(offered(models)).not.toContain(second)
  })

  it("has coder-model and vision-model, which are aliases of offered models with their variants", () => {
    const models = keyModels(where, {}, undefined)
    expect(models["coder-model"]?.api.id).toBe(plan.codingModels[0])
    expect(models["vision-model"]?.api.id).toBe(plan.visionModels[0])
    expect(models["vision-model"]?.capabilities.input.image).toBe(true)
    for (const id of ALIASES) {
      const target = models[models[id]?.api.id ?? ""]
      expect(models[id]).toEqual({ ...target, id, name: `${id} (${target?.name})` })
    }
    expect(Object.keys(models["coder-model"]?.variants ?? {})).toContain("none")
  })

  it("uses the next candidate for an alias when the first is not offered, and any model without a candidate", () => {
    const live = known.filter((id) => id !== plan.codingModels[0] && id !== plan.visionModels[0])
    const models = keyModels(where, {}, live)
    expect(plan.codingModels.slice(1)).toContain(models["coder-model"]?.api.id)
    expect(plan.visionModels.slice(1)).toContain(models["vision-model"]?.api.id)
    expect(keyModels(where, {}, ["some-model"])["coder-model"]).toMatchObject({
      id: "coder-model",
      name: "coder-model (some-model)",
      api: { id: "some-model" },
    })
  })

  it("uses a model with images for vision-model, if one is offered", () => {
    const models = keyModels(where, {}, ["some-model", "some-vl-model"])
    expect(models["vision-model"]?.api.id).toBe("some-vl-model")
    expect(models["coder-model"]?.api.id).toBe("some-model")
    expect(keyModels(where, {}, ["some-model"])["vision-model"]?.api.id).toBe("some-model")
  })

  it("is complete and has both aliases, whatever the service and OpenCode list", () => {
    const ids = fc.array(fc.stringMatching(/^[\w.:/-]{1,20}$/).filter((id) => !(id in {})))
    always(
      fc.property(ids, fc.boolean(), (live, knowing) => {
        // The list has a chat model.
        const models = keyModels(where, knowing ? opencodesOwn() : {}, [...live, "qwen-plus"])
        expect(incomplete(models)).toEqual([])
        for (const id of ALIASES) expect(Object.keys(models)).toContain(models[id]?.api.id)
      }),
      40,
    )
  })

  it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])("treats %s as a plain id", (id) => {
    expect(incomplete(keyModels(where, opencodesOwn(), [id, "qwen-plus"]))).toEqual([])
  })

  it("still has both aliases when the service lists no chat model", () => {
    expect(Object.keys(keyModels(where, {}, ["text-embedding-v4"]))).toEqual(expect.arrayContaining(ALIASES))
  })

  it("omits models that cannot chat, whether the service or OpenCode lists them", () => {
    const other = ["qwen3-asr-flash", "wan2.6-t2v", "qwen-mt-plus"]
    const own = Object.fromEntries(other.map((id) => [id, ownModel(id)]))
    for (const live of [undefined, [...other, "qwen-plus"]]) {
      expect(offered(keyModels(where, own, live)).filter((id) => !isChatModel(id))).toEqual([])
    }
  })

  it("does not change OpenCode's own objects", () => {
    const own = opencodesOwn()
    keyModels(where, own, Object.keys(own))
    expect(own).toEqual(opencodesOwn())
  })
})

describe("OpenCode's own models that the catalogue does not know", () => {
  const own = { "qwen-own-2025": ownModel("qwen-own-2025", { variants: { high: { reasoningEffort: "high" } } }) }

  it("are offered with pay as you go, with their price, until the service lists models", () => {
    for (const live of [undefined, []]) {
      expect(keyModels(PAY_AS_YOU_GO_INTERNATIONAL, own, live)["qwen-own-2025"]).toEqual(own["qwen-own-2025"])
    }
  })

  it("are not offered once the service has listed its models", () => {
    expect(keyModels(PAY_AS_YOU_GO_INTERNATIONAL, own, ["qwen-plus"])).not.toHaveProperty("qwen-own-2025")
  })

  it.each([CODING, TOKEN, PAYG_CHINA])("are not offered with a key of $plan, $region", (where) => {
    expect(keyModels(where, own, undefined)).not.toHaveProperty("qwen-own-2025")
  })

  it.each([CODING, TOKEN, PAYG_CHINA])("have no price and no variants with a key of $plan, $region", (where) => {
    const models = keyModels(where, own, ["qwen-own-2025"])
    expect(models["qwen-own-2025"]).toEqual({ ...own["qwen-own-2025"], cost: FREE, variants: {} })
  })
})

describe("a model that neither the catalogue nor OpenCode knows", () => {
  it("has only the abilities that its name implies", () => {
    const models = keyModels(TOKEN, {}, ["new-model", "new-vl-model"])
    expect(models["new-model"]).toMatchObject({ name: "new-model", limit: { context: 131_072, output: 8_192 } })
    expect(models["new-model"]?.capabilities).toMatchObject({ reasoning: false, input: { image: false } })
    expect(models["new-model"]?.variants).toEqual({})
    expect(models["new-vl-model"]?.capabilities).toMatchObject({ attachment: true, input: { image: true } })
  })
})

describe("the price with pay as you go", () => {
  const own = opencodesOwn()

  it("is OpenCode's own, beside the facts and variants of the catalogue", () => {
    const models = keyModels(PAY_AS_YOU_GO_INTERNATIONAL, own, ["qwen3-coder-plus", "qwen-plus"])
    expect(models["qwen3-coder-plus"]).toMatchObject({
      name: "Qwen3 Coder Plus",
      cost: own["qwen3-coder-plus"]?.cost,
      limit: { context: 1_000_000, input: 983_616, output: 65_536 },
      variants: {},
    })
    expect(models["qwen-plus"]).toMatchObject({ cost: own["qwen-plus"]?.cost, variants: { none: {}, high: {} } })
  })

  it("is the catalogue's where OpenCode has none", () => {
    expect(keyModels(PAY_AS_YOU_GO_INTERNATIONAL, own, ["qwen3.7-plus"])["qwen3.7-plus"]?.cost).toEqual({
      input: 0.5,
      output: 3,
      cache: { read: 0.05, write: 0.625 },
    })
  })

  it("is China's in China", () => {
    const cost = { input: 0.574, output: 2.296, cache: { read: 0, write: 0 } }
    expect(keyModels(PAYG_CHINA, own, ["qwen3-coder-plus"])["qwen3-coder-plus"]?.cost).toEqual(cost)
  })

  it("is also on the aliases", () => {
    const models = keyModels(PAY_AS_YOU_GO_INTERNATIONAL, own, ["qwen3-coder-plus", "qwen3-vl-plus"])
    expect(models["coder-model"]).toMatchObject({ api: { id: "qwen3-coder-plus" }, cost: { input: 1.5 } })
    expect(models["vision-model"]).toMatchObject({ api: { id: "qwen3-vl-plus" }, cost: { output: 7.5 } })
  })

  it("is zero with a plan", () => {
    for (const where of PLAN_REGIONS.filter(({ plan }) => plan !== PAY_AS_YOU_GO.id)) {
      for (const live of [undefined, Object.keys(own)]) {
        const models = Object.values(keyModels(where, own, live))
        expect(models.filter(({ cost }) => cost.input + cost.output > 0)).toEqual([])
      }
    }
  })
})
