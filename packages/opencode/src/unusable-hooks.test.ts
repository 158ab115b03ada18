import { QwenAuthError } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import { fakeWorld } from "../../core/src/testing/fake-world.ts"
import { credential } from "../../core/src/testing/samples.ts"
import { hostEntry } from "./host-entry.ts"
import { requestLoader } from "./loader.ts"
import { unusableHooks } from "./unusable-hooks.ts"

const problem = new QwenAuthError("invalid_endpoint", 'QWEN_API_BASE_URL "x" cannot be used.', { remedy: "Use https." })
const WORDS = 'QWEN_API_BASE_URL "x" cannot be used. Use https.'

describe("the plugin with wrong settings", () => {
  it("says so in OpenCode's log", () => {
    const world = fakeWorld()
    unusableHooks(world, problem)
    expect(world.logged).toEqual([
      { level: "error", message: "The settings cannot be used.", fields: { problem: WORDS } },
    ])
  })

  it("says so at the sign-in", async () => {
    const { auth } = unusableHooks(fakeWorld(), problem)
    const [method] = auth?.methods ?? []
    expect(method?.label).toBe("Qwen Account (OAuth)")
    await expect(method?.authorize?.()).rejects.toThrow(WORDS)
  })

  it("says so in the answer to a request, and sends none", async () => {
    const world = fakeWorld()
    const { auth } = unusableHooks(world, problem)
    expect(auth?.provider).toBe("alibaba")
    const entry = async () => ({ type: "oauth" as const, ...hostEntry(credential()) })
    const options = await auth?.loader?.(entry, Object.create(null))
    const qwenFetch: unknown = options?.["fetch"]
    if (typeof qwenFetch !== "function") throw new Error("expected a fetch")
    const response: Response = await Reflect.apply(qwenFetch, undefined, ["https://api.test/v1/chat/completions"])
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ error: { code: "invalid_endpoint", message: WORDS } })
    expect(world.requests).toEqual([])
  })

  it("still knows the models and leaves other credentials alone", async () => {
    const { auth, config } = unusableHooks(fakeWorld(), problem)
    const known = {}
    await config?.(known)
    expect(known).toHaveProperty("provider.alibaba.models.coder-model")
    expect(await auth?.loader?.(async () => ({ type: "api", key: "sk-1" }), Object.create(null))).toEqual({})
    expect(await requestLoader(async () => undefined, fetch, fakeWorld().log)).toEqual({})
  })
})
