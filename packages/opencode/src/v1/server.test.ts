import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { cleanEnvironment } from "qwen-auth-testing/clean-environment"
import { settle, until } from "qwen-auth-testing/gate"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { fakeHost } from "./testing/fake-host.ts"
import { leaveSignIn, qwenCodeFileIn } from "./testing/sign-in-set-up.ts"

// Bun reads HOME once, when the process starts, so setting the variable alone would leave the real home folder.
const home = vi.hoisted(() => ({ folder: "" }))
vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  homedir: () => home.folder,
}))

// Test files share their modules. Another file may have loaded them with the real home folder, and no file may get this one's.
vi.resetModules()
afterAll(() => void vi.resetModules())
const { server } = await import("./server.ts")

const temporaryFolder = temporaryFolders()
cleanEnvironment()
beforeEach(async () => {
  home.folder = await temporaryFolder()
  vi.stubEnv("HOME", home.folder)
  vi.stubGlobal("fetch", () => Promise.reject(new Error("a unit test used the network")))
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const METHODS = ["Qwen Account (OAuth)", "Model Studio account (browser)", "Model Studio API key"]

describe("the plugin", () => {
  it("has the hooks that OpenCode uses, and requests nothing at the start", async () => {
    const { input, calls } = fakeHost()
    const hooks = await server(input)
    expect(hooks.auth?.provider).toBe("alibaba")
    expect(hooks.provider?.id).toBe("alibaba")
    expect(hooks.auth?.methods.map(({ label }) => label)).toEqual(METHODS)
    const config = {}
    await hooks.config?.(config)
    expect(config).toHaveProperty("provider.alibaba.models.coder-model")
    await settle()
    expect(calls).toEqual([])
    expect(readdirSync(home.folder)).toEqual([])
  })

  it("finds sign-ins in the home folder, and Qwen Code's where QWEN_HOME says", async () => {
    await leaveSignIn(join(home.folder, ".opencode", "qwen", "oauth_token.json"), credential())
    await leaveSignIn(qwenCodeFileIn(home.folder), credential())
    const hooks = await server(fakeHost().input)
    const found = ["Qwen Account already on this computer", "Qwen Code's sign-in (shared)"]
    expect(hooks.auth?.methods.map(({ label }) => label)).toEqual([...METHODS, ...found])
    vi.stubEnv("QWEN_HOME", join(home.folder, "empty"))
    const moved = await server(fakeHost().input)
    expect(moved.auth?.methods).toHaveLength(4)
  })

  /** Calls that load the rest of the code. */
  async function ask(hooks: Awaited<ReturnType<typeof server>>) {
    const input = Object.assign(Object.create(null), { provider: { id: "alibaba", env: [], options: {} } })
    await expect(hooks["chat.params"]?.(input, Object.create(null))).rejects.toThrow()
  }

  it("works without a dispose", async () => {
    const hooks = await server(fakeHost().input)
    await expect(hooks.dispose?.()).resolves.toBeUndefined()
  })

  it("does not change the user's own key", async () => {
    const hooks = await server(fakeHost().input)
    expect(await hooks.auth?.loader?.(async () => ({ type: "api", key: "sk-1" }), Object.create(null))).toEqual({})
  })

  it("writes logs in the home folder when they are enabled", async () => {
    vi.stubEnv("DEBUG_QWEN_PLUGIN", "1")
    const { input, calls } = fakeHost()
    await ask(await server(input, { misspelled: true }))
    expect(JSON.stringify(calls)).toContain("misspelled")
    const file = join(home.folder, ".opencode", "logs", "qwen-plugin", "debug.log")
    await until(() => existsSync(file) && readFileSync(file, "utf8").includes("misspelled"))
  })

  it.each([
    ["an option", { apiBaseUrl: "http://elsewhere.test" }, {}, "apiBaseUrl"],
    ["an option of another type", { apiBaseUrl: 7 }, {}, "apiBaseUrl must be a string"],
    ["a variable", {}, { QWEN_OAUTH_BASE_URL: "http://elsewhere.test" }, "QWEN_OAUTH_BASE_URL"],
  ])(
    "with an invalid address in %s still loads and reports it at the sign-in",
    async (_, options, environment, message) => {
      for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
      const { input, calls } = fakeHost()
      const hooks = await server(input, options)
      await settle()
      expect(calls).toEqual([])
      expect(hooks.auth?.methods.map(({ label }) => label)).toEqual(METHODS)
      for (const method of hooks.auth?.methods ?? []) await expect(method.authorize?.({})).rejects.toThrow(message)
      await ask(hooks)
      expect(calls.map(({ name }) => name)).toEqual(["app.log"])
      expect(JSON.stringify(calls)).toContain("The settings cannot be used.")
    },
  )
})
