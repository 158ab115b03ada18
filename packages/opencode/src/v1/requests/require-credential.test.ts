import { describe, expect, it } from "vitest"
import { parseChatRequest } from "./chat-request.ts"
import { requireCredential } from "./require-credential.ts"

interface RequestFields {
  readonly provider?: Readonly<Record<string, unknown>>
  readonly options?: Readonly<Record<string, unknown>>
  readonly model?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
}

/** Checks a request of OpenCode with the test's changes. Returns the message if the request is refused. */
function refusal({ provider = {}, options = {}, model = {}, environment = {} }: RequestFields, otherwise?: string) {
  const request = parseChatRequest(
    {
      provider: { id: "alibaba", name: "Alibaba", env: ["DASHSCOPE_API_KEY"], source: "config", options, ...provider },
      model: {
        id: "qwen3-coder-plus",
        api: { id: "qwen3-coder-plus", url: QWEN, npm: "@ai-sdk/openai-compatible" },
        headers: {},
        ...model,
      },
    },
    environment,
  )
  if (request === undefined) throw new Error("expected to be understood")
  try {
    requireCredential(request, otherwise)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : error
  }
}

const QWEN = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
const GATEWAY = "https://gateway.test/v1"
const SIGN_IN = "Authentication required. Please run: opencode auth login"

describe("a request without any credential is refused with how to sign in", () => {
  it.each<[string, RequestFields]>([
    ["no key in the environment", {}],
    ["an empty key in the environment", { environment: { DASHSCOPE_API_KEY: "" } }],
    ["another provider's key", { environment: { OPENAI_API_KEY: "sk-1" } }],
    ["a provider without variables", { provider: { env: undefined }, environment: { DASHSCOPE_API_KEY: "sk-1" } }],
    ["no options", { provider: { options: undefined } }],
    ["a timeout", { options: { timeout: 600_000 } }],
    ["no timeout", { options: { timeout: false } }],
    ["other options", { options: { setCacheKey: true, chunkTimeout: 5, includeUsage: false } }],
    ["an empty key", { options: { apiKey: "" } }],
    [
      "an empty key, which takes precedence over the environment's",
      { options: { apiKey: "" }, provider: { key: "sk-1" } },
    ],
    ["a fetch that is not a function", { options: { fetch: "fetch" } }],
    [
      "headers without a credential",
      { options: { headers: { "X-Team": "a" } }, model: { headers: { "User-Agent": "b" } } },
    ],
    ["the address of Qwen's API", { options: { baseURL: QWEN } }],
    ["another of Qwen's addresses", { options: { baseURL: "https://coding.dashscope.aliyuncs.com/v1" } }],
    ["Qwen's address without TLS", { options: { baseURL: "http://dashscope.aliyuncs.com/compatible-mode/v1" } }],
    ["an empty address", { options: { baseURL: "" } }],
    ["a model without an address", { model: { api: {} } }],
    ["an OpenCode that does not describe the model", { model: { api: undefined } }],
  ])("%s", (_, fields) => {
    expect(refusal(fields)).toBe(SIGN_IN)
  })

  it("a request without any credential is refused with the given message", () => {
    expect(refusal({}, "The settings are wrong.")).toBe("The settings are wrong.")
    expect(refusal({ environment: { DASHSCOPE_API_KEY: "sk-1" } }, "The settings are wrong.")).toBeUndefined()
  })
})

describe("a request is sent", () => {
  it.each<[string, RequestFields]>([
    ["with a key in the environment", { environment: { DASHSCOPE_API_KEY: "sk-1" } }],
    ["with a key that OpenCode found", { provider: { key: "sk-1" } }],
    ["with the user's own key", { options: { apiKey: "sk-1" } }],
    ["with a fetch", { options: { fetch: async () => new Response() } }],
    ["with the user's own header", { options: { headers: { Authorization: "Bearer a" } } }],
    ["with a header of the model", { model: { headers: { "x-api-key": "a" } } }],
    ["to a gateway", { options: { baseURL: GATEWAY } }],
    ["to an address that OpenCode has yet to complete", { options: { baseURL: "$GATEWAY/v1" } }],
    ["to a gateway in the model's settings", { model: { api: { url: GATEWAY, npm: "" } } }],
    ["to a host that only looks like Qwen's", { options: { baseURL: "https://dashscope.aliyuncs.com.test/v1" } }],
  ])("%s", (_, fields) => {
    expect(refusal(fields)).toBeUndefined()
  })
})

describe("a request is not checked", () => {
  it.each([
    ["of another provider", { provider: { id: "openai", env: [], options: {} } }],
    ["when the input has no provider", {}],
    ["when the provider has another shape", { provider: { info: { id: "alibaba" } } }],
    ["when there is no input", undefined],
  ])("%s", (_, input) => {
    expect(parseChatRequest(input, {})).toBeUndefined()
  })
})
