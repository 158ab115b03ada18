import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { credentialFile, type Platform } from "qwen-auth-core"
import { readSettings } from "qwen-auth-local/settings"
import { account } from "qwen-auth-testing/account"
import { eventually } from "qwen-auth-testing/eventually"
import { type FakePlatform, type FakePlatformOptions, fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { empty, firewallPage, json } from "qwen-auth-testing/replies"
import { credential, DEAD_REFRESH_TOKEN, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { chunk, DONE, events } from "qwen-auth-testing/streams"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it, onTestFinished } from "vitest"
import { type HostBehaviour, SETTINGS } from "../../test-host/behaviour.ts"
import { fakeClock } from "../../test-host/clock.ts"
import { memoryDatabase } from "../../test-host/database.ts"
import { type HostOptions, startHost } from "../../test-host/start-host.ts"
import { createDirectory } from "./directory.ts"
import type { HostContext } from "./host-types.ts"
import { register } from "./register.ts"
import { createServices, type ProcessServices } from "./services.ts"

const temporaryFolder = temporaryFolders()
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const CODER = { model: "alibaba/coder-model" } as const
const READ = {
  name: "read",
  description: "Reads a file",
  inputSchema: { type: "object", properties: {} },
  run: () => "text",
}

const isToken = (url: string) => url.endsWith("/oauth2/token")
const isChat = (url: string) => url.endsWith("/chat/completions")
const answer = (text = "42") => events(chunk({ content: text }), chunk({}, "stop"), DONE)

const textOf = (body: unknown) => (body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body))

interface Process extends HostOptions {
  readonly home?: string
  /** Answers chat requests. */
  readonly chat?: Reply
  readonly token?: Reply
  readonly platform?: FakePlatformOptions
}

let generation = 0

/** A process of OpenCode 2 with this plugin and the directory `/project`. Both share one network and one clock. */
async function openCode({ home, chat = answer(), token, platform: options, ...host }: Process = {}) {
  const clock = fakeClock()
  const folder = home ?? (await temporaryFolder())
  const service: Reply = (request) => {
    if (request.url.endsWith("/device/code")) return json(STARTED)(request)
    if (isToken(request.url)) {
      const next = ++generation
      const tokens = { ...TOKENS, access_token: `access-${next}`, refresh_token: `refresh-${next}` }
      return (token ?? json(tokens))(request)
    }
    if (isChat(request.url)) return chat(request)
    return json({ error: {} }, 404)(request)
  }
  const fake = fakePlatform({ autoAdvance: false, rest: service, ...options })
  const platform: Platform = { ...fake, now: clock.now }
  const read = readSettings({
    environment: {},
    options: { verifySignIn: false },
    home: folder,
    temporary: join(folder, "tmp"),
  })
  if ("problem" in read) throw read.problem
  const services = createServices(platform, read.settings)
  const own: ProcessServices = { platform, environment: {}, services: () => services }
  const setup = (context: HostContext) => register(context, async (ending) => createDirectory(context, own, ending))
  // Only a version of OpenCode that ignores the plugin's response sends a request itself.
  const network: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    if (request.url.startsWith("data:")) return fetch(request)
    const headers = request.headers
    return fake.fetch(request.url, { method: request.method, headers, body: await request.text() })
  }
  const started = await startHost({ clock, fetch: network, ...host })
  onTestFinished(async () => started.close().catch(() => {}))
  await started.install({ default: { id: "qwen", setup } })
  await started.open("/project")
  const chats = () => fake.requests.filter(({ url }) => isChat(url))
  const refreshes = () => fake.requests.filter(({ form }) => form["grant_type"] === "refresh_token")
  return { host: started, clock, platform: fake, services, home: folder, chats, refreshes }
}

/** Ends the plugin's waits one after the other: for the next poll, or for another process's lock. */
function passTime(processes: readonly { readonly platform: FakePlatform }[], ms: number): () => void {
  const passing = setInterval(() => {
    for (const { platform } of processes) platform.pass(ms)
  }, 1)
  return () => clearInterval(passing)
}

/** Signs in with a Qwen account while the device code is polled. */
async function signedIn(process: Awaited<ReturnType<typeof openCode>>) {
  const stop = passTime([process], 5_000)
  const signIn = await process.host.connect("alibaba", "oauth")
  stop()
  expect(signIn).toMatchObject({ status: "complete" })
  return process
}

const sees = ({ missingHooks, httpRequestRegistration }: HostBehaviour, name: "http.request" | "context") =>
  !missingHooks.includes(name) && (name !== "http.request" || httpRequestRegistration === "resolves")

describe.each(SETTINGS)("OpenCode 2, $name", ({ behaviour }) => {
  it("signs in, answers with tools, refreshes once and leaves nothing behind", async () => {
    const process = await signedIn(await openCode({ behaviour }))
    const { host, clock, platform, chats, refreshes } = process
    expect(host.failures).toEqual([])

    const result = await host.prompt("s", "What is 6 times 7?", { ...CODER, tools: [READ], title: true })
    expect(result).toMatchObject({ text: "42", error: undefined, title: { text: "42" } })
    expect(chats().map(({ url }) => new URL(url).host)).toEqual(chats().map(() => "portal.qwen.ai"))
    const bodies = chats().map(({ body }) => textOf(body))
    expect(bodies.some((body) => body.includes("# Tool names"))).toBe(sees(behaviour, "context"))
    if (sees(behaviour, "http.request")) {
      expect(chats()[0]?.headers.get("x-dashscope-authtype")).toBe("qwen-oauth")
    }

    clock.advance(6 * HOUR_MS - 2 * MINUTE_MS)
    expect((await host.prompt("s", "Again", CODER)).text).toBe("42")
    expect(refreshes()).toHaveLength(1)
    platform.pass(HOUR_MS)
    await host.close()
  })
})

describe("the newest OpenCode 2", () => {
  it("lists the sign-in methods with plain forms", async () => {
    const { host } = await openCode()
    const [alibaba] = (await host.integrations()).filter(({ id }) => id === "alibaba")

    expect(JSON.stringify(alibaba)).toContain("Qwen Account (OAuth)")
    expect(JSON.stringify(alibaba)).toContain("Model Studio account (browser)")
  })

  it.each([
    ["denied", json({ error: "access_denied" }, 400), /denied/],
    ["expired", json({ error: "expired_token" }, 400), /expired/],
  ])("reports why a sign-in was %s", async (_, token, expected) => {
    const process = await openCode({ token })
    const { host } = process
    const stop = passTime([process], 5_000)
    const signIn = await host.connect("alibaba", "oauth")
    stop()

    expect(signIn).toMatchObject({ status: "failed", message: expect.stringMatching(expected) })
    expect(host.credentials()).toEqual([])
  })

  it("stops polling after the user has given up and the directory is closed", async () => {
    const { host, platform } = await openCode({ token: json({ error: "authorization_pending" }, 400) })
    await host.connect("alibaba", "oauth", undefined, { onShown: (_, { cancel }) => cancel() })
    await host.close()

    expect(platform.openWaits()).toBe(0)
  })

  it("sends a key to the form's plan, and no field of the form to the service", async () => {
    const { host, chats } = await openCode()
    const key = "sk-sp-key-of-the-test"
    await host.connect("alibaba", "key", { endpoint: "coding-plan-china" }, { key })
    await host.prompt("s", "hi", { model: "alibaba/qwen3-coder-plus" })

    const [request] = chats()
    expect(request?.url).toBe("https://coding.dashscope.aliyuncs.com/v1/chat/completions")
    expect(request?.headers.get("user-agent")).toMatch(/^opencode\//)
    expect(Object.keys(JSON.parse(textOf(request?.body)))).not.toContain("endpoint")
  })

  it("sends a request again after a 401 and uses the refreshed token from then on", async () => {
    let rejected = false
    const chat: Reply = (request) => {
      if (rejected) return answer()(request)
      rejected = true
      return json({ error: { code: "invalid_api_key", message: "expired" } }, 401)(request)
    }
    const { host, chats, refreshes } = await signedIn(await openCode({ chat }))
    expect((await host.prompt("s", "one", CODER)).text).toBe("42")
    expect((await host.prompt("s", "two", CODER)).text).toBe("42")

    expect(refreshes()).toHaveLength(1)
    const tokens = chats().map(({ headers }) => headers.get("authorization"))
    expect(tokens[2]).toBe(tokens[1])
    expect(tokens[1]).not.toBe(tokens[0])
  })

  it.each([
    [
      "an ended free tier",
      json({ error: { code: "insufficient_quota", message: "Free allocated quota exceeded." } }, 403),
      "auth",
      /--method console/,
      1,
    ],
    ["a firewall's page", firewallPage(200), "auth", /web firewall/, 1],
    ["a redirect", empty(307, { location: "https://evil.example/v1" }), "auth", /redirect/, 1],
    ["a rate limit", json({ error: { message: "slow down" } }, 429), "rate-limit", /rate limit/, 5],
  ])("explains %s, and retries only where that helps", async (_, chat, type, expected, requests) => {
    const { host, chats } = await signedIn(await openCode({ chat }))
    const { error } = await host.prompt("s", "hi", CODER)

    expect(error).toMatchObject({ type, message: expect.stringMatching(expected) })
    expect(chats()).toHaveLength(requests)
    expect(host.requests.every(({ url }) => !url.includes("evil.example"))).toBe(true)
  })

  it("compacts a conversation that is too long", async () => {
    let refused = false
    const chat: Reply = (request) => {
      if (refused) return answer()(request)
      refused = true
      return json({ error: { message: "Range of input length should be [1, 983616]" } }, 400)(request)
    }
    const { host } = await signedIn(await openCode({ chat }))

    expect(await host.prompt("s", "hi", CODER)).toMatchObject({ compactions: 1, text: "42" })
  })

  it("requires a sign-in without one, and after the account was removed", async () => {
    const { host, chats } = await signedIn(await openCode({ providers: { alibaba: { activation: "enabled" } } }))
    host.removeCredential(host.credentials()[0]?.id ?? "")
    await host.prompt("s", "hi", CODER).catch(() => {})

    expect(chats()).toEqual([])
  })

  it("holds two accounts and switches between them, and each keeps its own tokens", async () => {
    const process = await signedIn(await signedIn(await openCode()))
    const { host, clock, chats } = process
    const [first, second] = host.credentials()
    expect(first?.label).not.toBe(second?.label)
    await host.prompt("s", "with the second", CODER)
    clock.advance(6 * HOUR_MS - MINUTE_MS)
    await host.prompt("s", "refreshed", CODER)
    host.switchCredential(first?.id ?? "")
    await host.prompt("s", "with the first, refreshed", CODER)
    host.switchCredential(second?.id ?? "")
    await host.prompt("s", "with the second again", CODER)

    const used = chats().map(({ headers }) => headers.get("authorization"))
    expect(new Set(used).size).toBe(3)
    expect(used[3]).toBe(used[1])
    const file = credentialFile(process.services.settings.tokenFile)
    expect(`Bearer ${account((await file.read()).credential).accessToken}`).toBe(used[1])
  })

  it("refreshes once for two directories and two processes at once", async () => {
    const home = await temporaryFolder()
    const database = memoryDatabase()
    const first = await signedIn(await openCode({ home, database }))
    const second = await openCode({ home, database })
    await first.host.open("/other")
    for (const { clock } of [first, second]) clock.advance(6 * HOUR_MS - MINUTE_MS)
    const stop = passTime([first, second], 50)
    const turns = await Promise.all([
      first.host.prompt("a", "hi", { ...CODER, directory: "/project" }),
      first.host.prompt("b", "hi", { ...CODER, directory: "/other" }),
      second.host.prompt("c", "hi", CODER),
    ])

    stop()

    expect(turns.map(({ text }) => text)).toEqual(["42", "42", "42"])
    expect([...first.refreshes(), ...second.refreshes()]).toHaveLength(1)
  })

  it("asks for a new sign-in after a refused refresh, which is sent once", async () => {
    const home = await temporaryFolder()
    const database = memoryDatabase()
    await signedIn(await openCode({ home, database }))
    const { host, clock, refreshes } = await openCode({ home, database, token: json(DEAD_REFRESH_TOKEN, 400) })
    clock.advance(7 * HOUR_MS)
    const { error } = await host.prompt("s", "hi", CODER)

    expect(error?.message).toContain("opencode auth login alibaba")
    expect(refreshes()).toHaveLength(1)
  })

  it("keeps the model list in step with the sign-in, and the user's configuration takes precedence", async () => {
    const mine = { "coder-model": { name: "My coder" } }
    const { host } = await openCode({ providers: { alibaba: { models: mine } } })
    await host.connect("alibaba", "key", { endpoint: "coding-plan-china" }, { key: "sk-sp-key-of-the-test" })
    const names = async () => new Map((await host.models()).map(({ id, name }) => [id, name]))
    await eventually(async () => expect((await names()).has("kimi-k2.5")).toBe(true))

    expect((await names()).get("coder-model")).toBe("My coder")
    expect((await names()).has("qwen3-coder-plus")).toBe(true)
  })
})

describe("the sign-ins of OpenCode 1", () => {
  const importing = async (entry: object) => {
    const authJson = join(await temporaryFolder(), "auth.json")
    await writeFile(authJson, JSON.stringify({ alibaba: entry }))
    return openCode({ authJson, database: memoryDatabase("1.x") })
  }

  it("an account in its record is refreshed and used at its own host", async () => {
    const entry = {
      type: "oauth",
      access: "access-0",
      refresh: "refresh-0",
      expires: 0,
      enterpriseUrl: "portal.qwen.ai",
    }
    const { host, chats, refreshes } = await importing(entry)

    expect((await host.prompt("s", "hi", CODER)).text).toBe("42")
    expect(refreshes().map(({ form }) => form["refresh_token"])).toEqual(["refresh-0"])
    expect(new URL(chats()[0]?.url ?? "").host).toBe("portal.qwen.ai")
  })

  it("a key in its record keeps its plan, and its metadata is in neither the body nor the options", async () => {
    const baseUrl = "https://coding-intl.dashscope.aliyuncs.com/v1"
    const metadata = { qwenAuth: "resolved", plan: "coding-plan", region: "international", baseUrl }
    const { host, chats } = await importing({ type: "api", key: "sk-sp-key-of-the-test", metadata })
    await host.prompt("s", "hi", { model: "alibaba/qwen3-coder-plus" })

    expect(chats()[0]?.url).toBe(`${baseUrl}/chat/completions`)
    const body = textOf(chats()[0]?.body)
    for (const name of Object.keys(metadata)) expect(body).not.toContain(`"${name}"`)
  })

  it("its file is offered with a database without an import, and both lines share one sign-in", async () => {
    const process = await openCode()
    const { host, services, clock, refreshes } = process
    const own = credentialFile(services.settings.tokenFile)
    await own.withLock((lock) =>
      lock.write(credential({ accessToken: "access-0", refreshToken: "refresh-0", expiresAt: clock.now() + HOUR_MS })),
    )
    expect(await host.connect("alibaba", "existing")).toMatchObject({ status: "complete" })
    clock.advance(HOUR_MS - MINUTE_MS)
    const stop = passTime([process], 50)
    // OpenCode 1 refreshes the file first.
    const first = services.local.accountManager()
    const renewed = account(await first.getCredential())

    expect((await host.prompt("s", "hi", CODER)).text).toBe("42")
    stop()
    expect(refreshes()).toHaveLength(1)
    expect(host.credentials()[0]?.value).toMatchObject({ access: renewed.accessToken })
  })
})
