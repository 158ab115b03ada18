import { describe, expect, it } from "vitest"
import type { ChatRequest } from "./chat-request.ts"
import { requireUsableSetup } from "./require-usable-setup.ts"

const PAY_AS_YOU_GO = new URL("https://dashscope-intl.aliyuncs.com/compatible-mode/v1")
const ANTHROPIC = new URL("https://dashscope-intl.aliyuncs.com/apps/anthropic/v1")
const PLAN_KEY = "sk-sp-key-of-the-test"

function refusal(fields: Partial<ChatRequest>, ours = false): string | undefined {
  const request = {
    apiKey: "sk-12345678",
    fetch: undefined,
    authorized: false,
    qwenUrl: PAY_AS_YOU_GO,
    sdk: "@ai-sdk/openai-compatible",
    ...fields,
  }
  try {
    requireUsableSetup(request, ours)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const fetch = async () => new Response()

describe("a plan's key that OpenCode would send to pay as you go", () => {
  it("is refused with how to use it", () => {
    const message = refusal({ apiKey: PLAN_KEY })
    expect(message).toContain("a plan's key (sk-sp-…), which pay as you go does not accept")
    expect(message).toContain("BAILIAN_CODING_PLAN_API_KEY")
    expect(message).toContain('opencode auth login -p alibaba -m "Model Studio API key"')
    expect(message).not.toContain(PLAN_KEY)
  })

  it.each<[string, Partial<ChatRequest>, boolean]>([
    ["another key", {}, false],
    ["a plan's key at the plan's address", { qwenUrl: new URL("https://coding.dashscope.aliyuncs.com/v1") }, false],
    ["a plan's key at a gateway", { qwenUrl: undefined }, false],
    ["a plan's key beside the user's own header", { authorized: true }, false],
    ["a plan's key that another plugin sends", { fetch }, false],
    ["a plan's key that this plugin sends", { fetch }, true],
  ])("is not assumed with %s", (name, fields, ours) => {
    expect(refusal({ apiKey: name.startsWith("a plan's key") ? PLAN_KEY : "sk-12345678", ...fields }, ours)).toBe(
      undefined,
    )
  })
})

describe("the SDK for Anthropic's format", () => {
  const sdk = "@ai-sdk/anthropic"

  it.each<[string, Partial<ChatRequest>, boolean]>([
    ["with a sign-in of this plugin", { fetch }, true],
    ["with a sign-in of this plugin and the address for Anthropic's format", { fetch, qwenUrl: ANTHROPIC }, true],
    ["with a sign-in of this plugin and a configured gateway", { fetch, qwenUrl: undefined }, true],
    ["with OpenCode's own key at the address for OpenAI's format", {}, false],
  ])("is refused %s", (_, fields, ours) => {
    expect(refusal({ sdk, ...fields }, ours)).toContain('Remove "npm" from provider.alibaba')
  })

  it.each<[string, Partial<ChatRequest>]>([
    ["the address for Anthropic's format", { qwenUrl: ANTHROPIC }],
    ["a gateway", { qwenUrl: undefined }],
    ["another plugin's fetch", { fetch }],
  ])("is allowed with %s", (_, fields) => {
    expect(refusal({ sdk, ...fields })).toBeUndefined()
  })
})
