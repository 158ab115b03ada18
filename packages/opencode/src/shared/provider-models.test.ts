import { describe, expect, it } from "vitest"
import { incomplete, ownModels as opencodesOwn } from "../v1/testing/own-models.ts"
import { accountModels, ownModels, signedOutModels } from "./provider-models.ts"

const ALIASES = ["coder-model", "vision-model"]

describe("with a Qwen account", () => {
  const own = opencodesOwn()
  const models = accountModels(own)

  it("lists the account's two models and each of OpenCode's own", () => {
    expect(Object.keys(models)).toEqual([...ALIASES, ...Object.keys(own)])
    expect(incomplete(models)).toEqual([])
  })

  it("names the model that answers, with that model's facts and without a price", () => {
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

  it("does not need OpenCode's own models", () => {
    expect(Object.keys(accountModels({}))).toEqual(ALIASES)
  })

  it("does not change OpenCode's own objects", () => {
    expect(own).toEqual(opencodesOwn())
  })
})

describe("OpenCode's own models", () => {
  const own = opencodesOwn()

  it("are unchanged with OpenCode's own key, and the two aliases stand for two of them", () => {
    const models = ownModels(own)
    expect(models).toMatchObject(own)
    expect(Object.keys(models)).toHaveLength(58)
    expect(models["coder-model"]).toMatchObject({ api: { id: "qwen3-coder-plus" }, cost: { input: 1.5 } })
    expect(models["vision-model"]).toMatchObject({ api: { id: "qwen3-vl-plus" }, cost: { input: 1.5 } })
    expect(incomplete(models)).toEqual([])
  })

  it("are unchanged while the user is signed out, beside the account's two", () => {
    const models = signedOutModels(own)
    expect(models).toMatchObject(own)
    expect(Object.keys(models)).toEqual([...ALIASES, ...Object.keys(own)])
    expect(models["coder-model"]?.api.id).toBe("coder-model")
    expect(incomplete(models)).toEqual([])
  })
})
