import { afterEach, describe, expect, it, vi } from "vitest"
import { settle } from "../../core/src/testing/gate.ts"
import { server } from "./server.ts"
import { fakeHost } from "./testing/fake-host.ts"

afterEach(() => {
  vi.unstubAllEnvs()
})

describe("the plugin", () => {
  it("has what OpenCode asks for, and asks nothing of anyone at the start", async () => {
    const { input, calls } = fakeHost()
    const hooks = await server(input)
    expect(hooks.auth?.provider).toBe("alibaba")
    expect(hooks.auth?.methods.map(({ label }) => label)).toEqual(["Qwen Account (OAuth)"])
    const config = {}
    await hooks.config?.(config)
    expect(config).toHaveProperty("provider.alibaba.models.coder-model")
    await settle()
    expect(calls).toEqual([])
  })

  it("works without a sign-in being ended", async () => {
    const hooks = await server(fakeHost().input)
    await expect(hooks.dispose?.()).resolves.toBeUndefined()
  })

  it("leaves a user's own key alone", async () => {
    const hooks = await server(fakeHost().input)
    expect(await hooks.auth?.loader?.(async () => ({ type: "api", key: "sk-1" }), Object.create(null))).toEqual({})
  })

  it("tells a signed-out user how to sign in, and is silent once OpenCode has a record", async () => {
    const hooks = await server(fakeHost().input)
    const request = Object.assign(Object.create(null), { provider: { id: "alibaba", env: [], options: {} } })
    const ask = async () => hooks["chat.params"]?.(request, Object.create(null))
    await expect(ask()).rejects.toThrow("Authentication required. Please run: opencode auth login")
    await hooks.auth?.loader?.(async () => ({ type: "api", key: "sk-1" }), Object.create(null))
    await expect(ask()).resolves.toBeUndefined()
  })

  it.each([
    ["an option", { apiBaseUrl: "http://elsewhere.test" }, {}, "apiBaseUrl"],
    ["an option of another type", { apiBaseUrl: 7 }, {}, "apiBaseUrl must be a text"],
    ["a variable", {}, { QWEN_OAUTH_BASE_URL: "http://elsewhere.test" }, "QWEN_OAUTH_BASE_URL"],
  ])(
    "with a wrong address in %s loads all the same and says so at the sign-in",
    async (_, options, environment, words) => {
      for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
      const { input, calls } = fakeHost()
      const hooks = await server(input, options)
      await settle()
      expect(calls.map(({ name }) => name)).toEqual(["app.log"])
      await expect(hooks.auth?.methods[0]?.authorize?.()).rejects.toThrow(words)
    },
  )
})
