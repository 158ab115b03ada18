import { describe, expect, it } from "vitest"
import { requireCredential } from "./require-credential.ts"

const provider = (fields: Record<string, unknown> = {}) => ({
  id: "alibaba",
  env: ["DASHSCOPE_API_KEY"],
  options: {},
  ...fields,
})

describe("a request without a credential of any kind", () => {
  it.each([
    ["no key in the environment", provider(), {}],
    ["an empty key in the environment", provider(), { DASHSCOPE_API_KEY: "" }],
    ["another provider's key", provider(), { OPENAI_API_KEY: "sk-1" }],
    ["a provider that names no variables", { id: "alibaba" }, { DASHSCOPE_API_KEY: "sk-1" }],
  ])("says how to sign in: %s", (_, asked, environment) => {
    expect(() => requireCredential(asked, environment)).toThrow(
      "Authentication required. Please run: opencode auth login",
    )
  })
})

it("a request without a credential says what it is told to say", () => {
  expect(() => requireCredential(provider(), {}, "The settings are wrong.")).toThrow(/^The settings are wrong\.$/)
  expect(() => requireCredential(provider(), { DASHSCOPE_API_KEY: "sk-1" }, "The settings are wrong.")).not.toThrow()
})

describe("a request goes on", () => {
  it.each([
    ["with a key in the environment", provider(), { DASHSCOPE_API_KEY: "sk-1" }],
    ["with options of the user's", provider({ options: { apiKey: "sk-1" } }), {}],
    ["to another provider", provider({ id: "openai" }), {}],
    ["when the host says nothing about the provider", undefined, {}],
    ["when the host says it in another shape", { info: { id: "alibaba" } }, {}],
  ])("%s", (_, asked, environment) => {
    expect(() => requireCredential(asked, environment)).not.toThrow()
  })
})
