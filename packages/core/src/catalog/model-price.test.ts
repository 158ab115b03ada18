import { describe, expect, it } from "vitest"
import { modelPrice } from "./model-price.ts"
import { planModels } from "./plan-models.ts"
import { REGIONS } from "./plans.ts"

describe.each(REGIONS)("the prices in %s", (region) => {
  const models = planModels("pay-as-you-go", region)

  it("are known for the published models only", () => {
    const added = /^qwen3-(max-preview|235b-a22b-(instruct|thinking)-2507)$/
    const ids = models.map(({ id }) => id)
    expect(ids.filter((id) => modelPrice(region, id) === undefined)).toEqual(ids.filter((id) => added.test(id)))
  })

  it("are numbers that are not negative, and cached input does not cost more than other input", () => {
    for (const { id } of models) {
      const { input, output, cacheRead = 0, cacheWrite = 0 } = modelPrice(region, id) ?? { input: 0, output: 0 }
      expect([input, output, cacheRead, cacheWrite].every((price) => Number.isFinite(price) && price >= 0)).toBe(true)
      expect(cacheRead).toBeLessThanOrEqual(input)
    }
  })

  it.each(["", "constructor", "qwen", "QWEN-MAX", "qwen-max|"])("are not known for %j", (id) => {
    expect(modelPrice(region, id)).toBeUndefined()
  })
})

describe("the price of a model", () => {
  it("is that of its region", () => {
    const international = { input: 2, output: 6, cacheRead: 0.25, cacheWrite: 2.5 }
    const china = { input: 1.777_44, output: 5.332_31, cacheRead: 0.222_18, cacheWrite: 2.221_79 }
    expect(modelPrice("international", "qwen3.8-max")).toEqual(international)
    expect(modelPrice("hongkong", "qwen3.8-max")).toEqual(international)
    expect(modelPrice("china", "qwen3.8-max")).toEqual(china)
  })

  it("may lack the price of cached input", () => {
    expect(modelPrice("china", "qwen3.6-flash")).toEqual({ input: 0.1875, output: 1.125, cacheWrite: 0.234_375 })
  })
})
