import { QwenAuthError } from "qwen-auth-core"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { credential, keyCredential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { signedOutModels } from "../shared/provider-models.ts"
import { createHooks } from "./hooks.ts"
import { accountEntry, keyEntry } from "./host/host-record.ts"
import { pluginWithProblem } from "./plugin-with-problem.ts"
import { fakeHost } from "./testing/fake-host.ts"
import { ownModels } from "./testing/own-models.ts"

const problem = new QwenAuthError("invalid_endpoint", 'QWEN_API_BASE_URL "x" cannot be used.', { remedy: "Use https." })
const WORDS = 'QWEN_API_BASE_URL "x" cannot be used. Use https.'

/** The hooks of a plugin with a problem in its settings. */
function hooksWithProblem(platform = fakePlatform(), environment: Readonly<Record<string, string>> = {}) {
  const home = "/home/of-the-test"
  const sources = { environment, options: {}, home, temporary: home }
  return createHooks(fakeHost().client, sources, async (options) => pluginWithProblem(platform, problem, options))
}

describe("the plugin with invalid settings", () => {
  it("logs the problem once, when it is loaded", async () => {
    const platform = fakePlatform()
    const { auth } = hooksWithProblem(platform)
    expect(platform.logged).toEqual([])
    for (const method of auth?.methods ?? []) await expect(method.authorize?.({})).rejects.toThrow()
    expect(platform.logged).toEqual([
      { level: "error", message: "The settings cannot be used.", fields: { problem: WORDS } },
    ])
  })

  it("reports the problem at the sign-in", async () => {
    const { auth } = hooksWithProblem()
    expect(auth?.methods[0]?.label).toBe("Qwen Account (OAuth)")
    expect(auth?.methods).toHaveLength(3)
    for (const method of auth?.methods ?? []) await expect(method.authorize?.({})).rejects.toThrow(WORDS)
  })

  it.each([
    { type: "oauth" as const, ...accountEntry(credential()) },
    { type: "api" as const, ...keyEntry(keyCredential()) },
  ])("answers a request with the problem and sends none: $type", async (entry) => {
    const platform = fakePlatform()
    const { auth } = hooksWithProblem(platform)
    expect(auth?.provider).toBe("alibaba")
    const options = await auth?.loader?.(async () => entry, Object.create(null))
    const qwenFetch: unknown = options?.["fetch"]
    if (typeof qwenFetch !== "function") throw new Error("expected a fetch")
    const response: Response = await Reflect.apply(qwenFetch, undefined, ["https://api.test/v1/chat/completions"])
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ error: { code: "invalid_endpoint", message: WORDS } })
    expect(platform.requests).toEqual([])
  })

  describe("refuses a request without a credential with the problem", () => {
    const asking = (fields: Record<string, unknown> = {}) =>
      Object.assign(Object.create(null), {
        provider: { id: "alibaba", env: ["DASHSCOPE_API_KEY"], options: {}, ...fields },
      })

    it("while OpenCode has loaded no sign-in", async () => {
      const hooks = hooksWithProblem()
      await expect(hooks["chat.params"]?.(asking(), Object.create(null))).rejects.toThrow(WORDS)
      await hooks.auth?.loader?.(async () => ({ type: "api", key: "sk-1" }), Object.create(null))
      await expect(hooks["chat.params"]?.(asking(), Object.create(null))).resolves.toBeUndefined()
    })

    it.each([
      ["a key in the environment", { DASHSCOPE_API_KEY: "sk-12345678" }, {}],
      ["the user's own options", {}, { options: { apiKey: "sk-12345678" } }],
      ["another provider", {}, { id: "openai" }],
    ])("but not with %s", async (_, environment, fields) => {
      const hooks = hooksWithProblem(fakePlatform(), environment)
      await expect(hooks["chat.params"]?.(asking(fields), Object.create(null))).resolves.toBeUndefined()
    })
  })

  it("still lists the models", async () => {
    const { config, provider } = hooksWithProblem(fakePlatform(), { BAILIAN_CODING_PLAN_API_KEY: "sk-sp-12345678" })
    const known = {}
    await config?.(known)
    expect(known).toHaveProperty("provider.alibaba.models.coder-model")
    const present = Object.assign(Object.create(null), { id: "alibaba", models: ownModels() })
    expect(await provider?.models?.(present, {})).toEqual(signedOutModels(ownModels()))
    const auth = { type: "api" as const, ...keyEntry(keyCredential()) }
    expect(await provider?.models?.(present, { auth })).toEqual(signedOutModels(ownModels()))
  })

  it("leaves other credentials alone", async () => {
    const { auth } = hooksWithProblem()
    expect(await auth?.loader?.(async () => ({ type: "api", key: "sk-1" }), Object.create(null))).toEqual({})
    const broken = () => Promise.reject(new Error("auth.json is broken"))
    expect(await auth?.loader?.(broken, Object.create(null))).toEqual({})
  })
})
