import type { Config } from "@opencode-ai/plugin"
import { describe, expect, it } from "vitest"
import { connectProvider } from "./config-provider.ts"

const environmentFetch = async () => new Response("from the environment's key")
const usersFetch = async () => new Response("the user's own")

function connected(config: Config, fetch?: typeof environmentFetch) {
  connectProvider(config, fetch)
  return config.provider?.["alibaba"]
}

describe("OpenCode's configuration of the provider", () => {
  it("has both aliases without facts, which the models hook adds", () => {
    expect(connected({})).toEqual({ models: { "coder-model": {}, "vision-model": {} } })
  })

  it("keeps the user's settings of a model", () => {
    const users = { name: "Mine", limit: { context: 1_000, output: 100 } }
    const provider = connected({ provider: { alibaba: { models: { "coder-model": users } } } })
    expect(provider?.models).toEqual({ "coder-model": users, "vision-model": {} })
  })

  it("keeps the user's other models, options and providers", () => {
    const provider = {
      alibaba: { name: "My Alibaba", options: { apiKey: "k" }, models: { "my-model": { name: "My model" } } },
      other: { models: { x: {} } },
    }
    const config: Config = { model: "other/x", provider: structuredClone(provider) }
    expect(connected(config)).toEqual({
      name: "My Alibaba",
      options: { apiKey: "k" },
      models: { "coder-model": {}, "vision-model": {}, "my-model": { name: "My model" } },
    })
    expect(config.model).toBe("other/x")
    expect(config.provider?.["other"]).toEqual(provider.other)
  })

  it("is the same when it is applied twice", () => {
    const once: Config = {}
    connectProvider(once, environmentFetch)
    const twice = { ...once }
    connectProvider(twice, environmentFetch)
    expect(twice).toEqual(once)
  })
})

describe("with a key in the environment", () => {
  it("the key's fetch is added to the user's other options", () => {
    expect(connected({}, environmentFetch)?.options).toEqual({ fetch: environmentFetch })
    const options = { timeout: 5_000 }
    expect(connected({ provider: { alibaba: { options } } }, environmentFetch)?.options).toEqual({
      timeout: 5_000,
      fetch: environmentFetch,
    })
  })

  it("the user's own fetch stays", () => {
    const provider = connected({ provider: { alibaba: { options: { fetch: usersFetch } } } }, environmentFetch)
    expect(provider?.options).toEqual({ fetch: usersFetch })
  })

  it("an empty key from an unset variable does not count", () => {
    const provider = connected({ provider: { alibaba: { options: { apiKey: "" } } } }, environmentFetch)
    expect(provider?.options).toEqual({ apiKey: "", fetch: environmentFetch })
  })

  it("a key in the user's configuration takes precedence", () => {
    const options = { apiKey: "sk-12345678" }
    expect(connected({ provider: { alibaba: { options } } }, environmentFetch)?.options).toEqual(options)
  })
})
