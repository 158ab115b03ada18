import { mkdir, readdir, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { endpointLabel } from "qwen-auth-core"
import { formatStoredCredential, PLANS, silentLogger } from "qwen-auth-core/internal"
import { environmentKey } from "qwen-auth-local/environment-key"
import { existingKeys } from "qwen-auth-local/existing-keys"
import { eventually } from "qwen-auth-testing/eventually"
import { keyCredential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { afterEach, describe, expect, it, vi } from "vitest"
import type { Hook, HostContext, MethodInput } from "./host-types.ts"
import { register } from "./register.ts"
import { FOUND_KEYS, KEY_ENDPOINTS, KEY_VARIABLES } from "./sign-in/choices.ts"
import { fakeContext } from "./testing/fake-context.ts"
import { setUpIn } from "./testing/set-up.ts"

const temporaryFolder = temporaryFolders()
afterEach(() => void vi.useRealTimers())

const nameOf = ({ method }: MethodInput) => ("id" in method ? `${method.type} ${method.id}` : method.type)

describe("the sign-in methods", () => {
  it("are the same at each replay, with the id that OpenCode gives to accounts of OpenCode 1", async () => {
    const host = await setUpIn(await temporaryFolder())

    const methods = host.methods()
    expect(methods.map(nameOf)).toEqual([
      "oauth oauth",
      "oauth console",
      "key",
      "oauth existing",
      "oauth qwen-code",
      "oauth found-key",
      "env",
    ])
    expect(host.methods().map(nameOf)).toEqual(methods.map(nameOf))
    expect(new Set(methods.map(({ integrationID }) => integrationID))).toEqual(new Set(["alibaba"]))
  })

  it("are plain data apart from their functions, and the console's has no refresh", async () => {
    const methods = (await setUpIn(await temporaryFolder())).methods()

    for (const { method } of methods) expect(JSON.parse(JSON.stringify(method))).toEqual(method)
    const console = methods.find((each) => nameOf(each) === "oauth console")
    expect(console).not.toHaveProperty("refresh")
  })

  it("offer every endpoint of the catalogue and the variables of its plans, OpenCode's own first", () => {
    const endpoints = PLANS.flatMap((plan) => plan.endpoints)
    const expected = endpoints.map((endpoint) => [`${endpoint.plan}-${endpoint.region}`, endpointLabel(endpoint)])

    expect(KEY_ENDPOINTS).toEqual(Object.fromEntries(expected))
    const [hosts, ...ours] = KEY_VARIABLES
    expect(hosts).toBe("DASHSCOPE_API_KEY")
    for (const name of ours) expect(environmentKey({ [name]: "sk-sp-key-of-the-test" }, silentLogger)).toBeDefined()
  })

  it("offer every source of another program's API key", async () => {
    const home = await temporaryFolder()
    const { settings } = (await setUpIn(home)).services
    const { tokenFile, bailianConfigFile, qwenCloudConfigFile, openCodeAuthFile } = settings
    const key = "sk-sp-key-of-the-test"
    const programs = Object.keys(FOUND_KEYS).filter((id) => id.startsWith("opencode-"))
    const records = programs.map((id) => [id.slice("opencode-".length), { type: "api", key }])
    for (const [path, content] of [
      [tokenFile, formatStoredCredential(keyCredential({ apiKey: key }))],
      [openCodeAuthFile, JSON.stringify(Object.fromEntries(records))],
      [bailianConfigFile, JSON.stringify({ api_key: key })],
      [qwenCloudConfigFile, JSON.stringify({ api_key: key })],
    ] as const) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content)
    }

    expect(existingKeys(settings).map(({ id }) => id)).toEqual(Object.keys(FOUND_KEYS))
    for (const { id, label } of existingKeys(settings)) {
      expect(label.toLowerCase()).toContain(FOUND_KEYS[id]?.toLowerCase().replace(/^the /, ""))
    }
  })

  it("give two accounts different labels, without showing a part of a secret", async () => {
    const account = (await setUpIn(await temporaryFolder())).methods()[0]
    if (account === undefined || !("label" in account)) throw new Error("no label")
    const labels = ["refresh-a", "refresh-b"].map((refresh) =>
      account.label?.({ type: "oauth", methodID: "oauth", access: "access", refresh, expires: 0 }),
    )

    expect(labels[0]).toMatch(/^Qwen Account \([\da-f]{4}, \d{4}-\d\d-\d\d\)$/)
    expect(labels[0]).not.toBe(labels[1])
  })
})

describe("setup", () => {
  it("loads no further code and reads no file", async () => {
    const home = await temporaryFolder()
    const load = vi.fn(() => Promise.reject(new Error("not needed")))
    const cleanup = await register(fakeContext().context, load)
    cleanup()

    expect(load).not.toHaveBeenCalled()
    expect(await readdir(home)).toEqual([])
  })

  it.each(["integration", "provider", "session", "event", "app", "options"] as const)(
    "without %s logs a line and registers the rest",
    async (missing) => {
      const members: Partial<HostContext> = { [missing]: undefined }
      const host = await setUpIn(await temporaryFolder(), { members })

      const lines = () => host.platform.logged.map(({ message }) => message).join("\n")
      if (missing !== "app" && missing !== "options") await eventually(() => expect(lines()).toMatch(/has no/))
      if (missing !== "integration") expect(host.methods()).toHaveLength(7)
      if (missing !== "session") expect(Object.keys(host.callbacks)).toHaveLength(3)
    },
  )

  it("resolves with a cleanup even for an empty context", async () => {
    const cleanup = await register({}, () => Promise.reject(new Error("not needed")))

    expect(cleanup()).toBeUndefined()
  })

  it("does not wait for a hook whose registration never ends, and registers the sign-in methods first", async () => {
    vi.useFakeTimers()
    const order: string[] = []
    const host = fakeContext()
    const hook: Hook = (name) => {
      order.push(name)
      return new Promise(() => {})
    }
    const { integration } = host.context
    const context: HostContext = {
      ...host.context,
      integration: {
        ...integration,
        transform: async (callback) => {
          order.push("sign-in methods")
          await integration?.transform(callback)
        },
      },
      session: { hook },
    }
    const settingUp = register(context, () => Promise.reject(new Error("not needed")))
    await vi.advanceTimersByTimeAsync(1_000)
    const cleanup = await settingUp

    expect(order).toEqual(["sign-in methods", "http.response", "http.request", "context"])
    expect(host.methods()).toHaveLength(7)
    cleanup()
    expect(vi.getTimerCount()).toBe(0)
  })

  it("logs each refusal of OpenCode", async () => {
    const refusing: Hook = async () => {
      throw new Error("unknown hook")
    }
    const { platform, methods } = await setUpIn(await temporaryFolder(), { members: { session: { hook: refusing } } })

    await eventually(() => expect(platform.logged.filter(({ level }) => level === "warn")).toHaveLength(3))
    expect(methods()).toHaveLength(7)
  })

  it("registers the hooks of requests outside sessions where they exist", async () => {
    const names: string[] = []
    const hook: Hook = async (name) => void names.push(name)
    await setUpIn(await temporaryFolder(), { members: { generate: { hook } } })

    expect(names).toEqual(["http.response", "http.request"])
  })
})

it("is independent of the cleanup of another directory", async () => {
  const first = await setUpIn(await temporaryFolder())
  const second = await setUpIn(await temporaryFolder())
  first.cleanup()

  expect(second.methods()).toHaveLength(7)
  expect(first.platform.openWaits()).toBe(0)
})
