import { mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { QwenAuthError } from "qwen-auth-core"
import { account } from "qwen-auth-testing/account"
import { call } from "qwen-auth-testing/console-client"
import { eventually } from "qwen-auth-testing/eventually"
import { type FakePlatformOptions, START } from "qwen-auth-testing/fake-platform"
import { json, networkError } from "qwen-auth-testing/replies"
import { credential, DEAD_REFRESH_TOKEN, MINUTE, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import type { Answer, MethodInput } from "../host-types.ts"
import { setUpIn, stored } from "../testing/set-up.ts"

const temporaryFolder = temporaryFolders()
const PENDING = json({ error: "authorization_pending" }, 400)

async function signInSetUp(
  options: FakePlatformOptions & { readonly problem?: QwenAuthError; readonly verify?: boolean } = {},
) {
  const plugin = await setUpIn(await temporaryFolder(), { autoAdvance: true, ...options })
  const method = (id: string) => {
    const found = plugin.methods().find((each) => "id" in each.method && each.method.id === id)
    if (found === undefined || !("authorize" in found)) throw new Error(`no method ${id}`)
    return found
  }
  return { ...plugin, method, begin: (id: string, answer: Answer = {}) => method(id).authorize(answer) }
}

type OAuthMethod = Extract<MethodInput, { authorize: unknown }>
const refresh = (method: OAuthMethod, hostCredential: Parameters<NonNullable<OAuthMethod["refresh"]>>[0]) => {
  if (method.refresh === undefined) throw new Error("no refresh")
  return method.refresh(hostCredential)
}

describe("the Qwen account", () => {
  it("shows the code, expires with the device code, and stores the sign-in for every program of this computer", async () => {
    const { begin, services } = await signInSetUp({ replies: [json(STARTED), PENDING, json(TOKENS)] })
    const attempt = await begin("oauth")

    expect(attempt).toMatchObject({
      mode: "auto",
      url: STARTED.verification_uri_complete,
      instructions: "Approve in the browser and check that it shows this code: ABCD-1234",
      expiresAt: START + STARTED.expires_in * 1000,
    })
    expect(await attempt.callback).toEqual({
      type: "oauth",
      methodID: "oauth",
      access: "access-2",
      refresh: "refresh-2",
      expires: expect.any(Number),
      metadata: { baseURL: "https://portal.qwen.ai/v1" },
    })
    expect(account((await services.local.signIn.stores.own.read()).credential).accessToken).toBe("access-2")
  })

  it.each([
    ["a network that is down", [networkError()], /could not be reached/],
    ["a sign-in that is denied", [json(STARTED), json({ error: "access_denied" }, 400)], /denied/],
    ["a device code that expires", [json(STARTED), json({ error: "expired_token" }, 400)], /expired/],
  ])("reports %s through the callback and never rejects itself", async (_, replies, message) => {
    const { begin } = await signInSetUp({ replies })
    const attempt = await begin("oauth")

    await expect(attempt.callback).rejects.toThrow(message)
  })

  it("without a quota is not stored, and the message names the alternative", async () => {
    const ended = json({ error: { code: "insufficient_quota", message: "Free allocated quota exceeded." } }, 403)
    const { begin, services } = await signInSetUp({ replies: [json(STARTED), json(TOKENS), ended], verify: true })

    await expect((await begin("oauth")).callback).rejects.toThrow(/auth login alibaba --method console/)
    expect((await services.local.signIn.stores.own.read()).credential).toBeUndefined()
  })

  it("does not let OpenCode store a hostile resource URL", async () => {
    const { begin } = await signInSetUp({ replies: [json(STARTED), json({ ...TOKENS, resource_url: "evil.example" })] })

    expect(await (await begin("oauth")).callback).not.toHaveProperty("metadata")
  })

  it("reports unusable settings", async () => {
    const problem = new QwenAuthError("invalid_endpoint", "QWEN_OAUTH_BASE_URL cannot be used.")
    const { begin } = await signInSetUp({ problem })

    await expect((await begin("oauth")).callback).rejects.toThrow(problem.message)
  })

  it("a new attempt cancels the previous one, which stops polling", async () => {
    const { begin, platform } = await signInSetUp({
      autoAdvance: false,
      replies: [json(STARTED), json({ ...STARTED, device_code: "device-2" })],
      rest: PENDING,
    })
    const first = await begin("oauth")
    const second = await begin("oauth")
    await expect(first.callback).rejects.toThrow("Cancelled.")
    platform.pass(10_000)
    await eventually(() => expect(platform.requests.length).toBeGreaterThan(2))

    expect(platform.requests.slice(2).map(({ form }) => form["device_code"])).not.toContain("device-1")
    second.callback.catch(() => {})
  })

  it("the cleanup cancels a running attempt and leaves no timer", async () => {
    const { begin, platform, cleanup } = await signInSetUp({
      autoAdvance: false,
      replies: [json(STARTED)],
      rest: PENDING,
    })
    const attempt = await begin("oauth")
    cleanup()

    await expect(attempt.callback).rejects.toThrow("Cancelled.")
    expect(platform.openWaits()).toBe(0)
  })
})

describe("the console", () => {
  it("returns the key as an account that is never refreshed, with its address", async () => {
    const { begin } = await signInSetUp()
    const attempt = await begin("console", { site: "china" })
    expect(attempt.url).toMatch(/^https:\/\/bailian\.console\.aliyun\.com\/console-login\?notice=127\.0\.0\.1:/)
    expect(attempt.instructions).toContain("can cost money")
    const [, port, state] = /:(\d+)\?state=([\da-f]+)/.exec(attempt.url) ?? []
    const baseURL = "https://ws-1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"
    const body = JSON.stringify({ api_key: "sk-ws-key-of-the-console", base_url: baseURL })
    await call(Number(port), {
      method: "POST",
      target: `/?state=${state}`,
      headers: { origin: "https://bailian.console.aliyun.com", "content-type": "application/json" },
      body,
    })

    const credential = await attempt.callback
    expect(credential).toMatchObject({
      methodID: "console",
      access: "sk-ws-key-of-the-console",
      refresh: "",
      metadata: { baseURL },
    })
    expect(credential.expires - Date.now()).toBeGreaterThan(MINUTE * 60 * 24 * 365)
    expect(Number.isInteger(credential.expires)).toBe(true)
  })

  it("is closed by the cleanup", async () => {
    const { begin, cleanup } = await signInSetUp({ autoAdvance: false })
    const attempt = await begin("console")
    cleanup()

    await expect(attempt.callback).rejects.toThrow("Cancelled.")
  })
})

describe("a sign-in that is already on this computer", () => {
  it.each([
    ["existing", "own", "oauth"],
    ["qwen-code", "qwen-code", "qwen-code"],
  ] as const)("%s needs no browser", async (id, store, methodID) => {
    const { begin, services } = await signInSetUp()
    await services.local.signIn.stores[store].withLock((lock) => lock.write(credential()))

    const attempt = await begin(id)
    expect(await attempt.callback).toMatchObject({ methodID, access: "access-1", refresh: "refresh-1" })
  })

  it.each(["existing", "qwen-code", "found-key"])("%s reports that there is none", async (id) => {
    const { begin } = await signInSetUp()

    await expect((await begin(id)).callback).rejects.toThrow(/There is no .* on this computer. Choose another way/)
  })

  it("an API key of another program is copied with its address, and the instructions name its source", async () => {
    const plugin = await signInSetUp({ autoAdvance: false, rest: json({ data: [{ id: "qwen3.5-plus" }] }) })
    const { bailianConfigFile } = plugin.services.settings
    const base_url = "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"
    await mkdir(dirname(bailianConfigFile), { recursive: true })
    await writeFile(bailianConfigFile, JSON.stringify({ api_key: "sk-sp-found-key-1234", base_url }))
    const attempt = await plugin.begin("found-key")

    expect(attempt.instructions).toBe("Found: API key in ~/.bailian/config.json. It is for Token Plan (China).")
    expect(await attempt.callback).toMatchObject({
      methodID: "found-key",
      access: "sk-sp-found-key-1234",
      refresh: "",
      metadata: { baseURL: base_url },
    })
  })

  it.each([
    ["first", "sk-sp-of-bailian-1", "Found: API key in ~/.bailian/config.json."],
    [undefined, "sk-sp-of-bailian-1", "Found: API key in ~/.bailian/config.json."],
    ["toString", "sk-sp-of-bailian-1", "Found: API key in ~/.bailian/config.json."],
    ["qwencloud", "sk-sp-of-qwencloud-1", "Found: API key in ~/.qwencloud/config.json."],
    ["opencode-1", "sk-sp-of-opencode-1", "Found: API key of OpenCode 1's provider alibaba."],
  ])("the user chooses one of several API keys: %s", async (from, access, found) => {
    const plugin = await signInSetUp({ autoAdvance: false, rest: json({ data: [{ id: "qwen3.5-plus" }] }) })
    const { bailianConfigFile, qwenCloudConfigFile, openCodeAuthFile } = plugin.services.settings
    const baseUrl = "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"
    const files = [
      [bailianConfigFile, { api_key: "sk-sp-of-bailian-1", base_url: baseUrl }],
      [qwenCloudConfigFile, { api_key: "sk-sp-of-qwencloud-1", base_url: baseUrl }],
      [openCodeAuthFile, { alibaba: { type: "api", key: "sk-sp-of-opencode-1", metadata: { baseUrl } } }],
    ] as const
    for (const [path, content] of files) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, JSON.stringify(content))
    }

    const attempt = await plugin.begin("found-key", from === undefined ? {} : { from })
    expect(attempt.instructions).toBe(`${found} It is for Token Plan (international).`)
    expect(await attempt.callback).toMatchObject({ access, metadata: { baseURL: baseUrl } })
  })

  it("an API key that is missing at the chosen source is not replaced by another one", async () => {
    const plugin = await signInSetUp()
    const { bailianConfigFile } = plugin.services.settings
    await mkdir(dirname(bailianConfigFile), { recursive: true })
    await writeFile(bailianConfigFile, JSON.stringify({ api_key: "sk-sp-of-bailian-1" }))

    for (const from of ["qwencloud", "opencode-1"]) {
      await expect((await plugin.begin("found-key", { from })).callback).rejects.toThrow("There is no such API key")
    }
    expect(plugin.platform.requests).toHaveLength(0)
  })

  it("Qwen Code's sign-in is used from its file, whoever refreshes it", async () => {
    const { method, services, platform } = await signInSetUp()
    const renewed = credential({ accessToken: "access-of-qwen-code", refreshToken: "refresh-of-qwen-code" })
    await services.local.signIn.stores["qwen-code"].withLock((lock) => lock.write(renewed))
    const hostCredential = stored(credential({ expiresAt: START }), { methodID: "qwen-code" })

    expect(await refresh(method("qwen-code"), hostCredential)).toMatchObject({
      access: "access-of-qwen-code",
      methodID: "qwen-code",
    })
    expect(platform.requests).toHaveLength(0)
  })
})

describe("a refresh by OpenCode", () => {
  const expiring = credential({ expiresAt: START + MINUTE })

  it("returns a complete credential and writes the shared file, once for two directories at once", async () => {
    const { method, services, platform } = await signInSetUp({ autoAdvance: false, replies: [json(TOKENS)] })
    const results = await Promise.all([1, 2].map(() => refresh(method("oauth"), stored(expiring))))

    for (const result of results) {
      expect(result).toMatchObject({ type: "oauth", methodID: "oauth", access: "access-2", refresh: "refresh-2" })
      expect(Number.isInteger(result.expires)).toBe(true)
    }
    expect(platform.requests).toHaveLength(1)
    const file = await readFile(services.settings.tokenFile, "utf8")
    expect(file).toContain("access-2")
    expect(file).not.toContain("refresh-1")
  })

  it("returns the newer token for one that was already refreshed, without a request", async () => {
    const { method, platform } = await signInSetUp({ autoAdvance: false, replies: [json(TOKENS)] })
    await refresh(method("oauth"), stored(expiring))

    expect(await refresh(method("oauth"), stored(expiring))).toMatchObject({ access: "access-2" })
    expect(platform.requests).toHaveLength(1)
  })

  it("does not refresh a token with a lifetime below OpenCode's margin at every request", async () => {
    const brief = json({ ...TOKENS, expires_in: 240 })
    const { method, platform } = await signInSetUp({ autoAdvance: false, replies: [brief] })
    const first = await refresh(method("oauth"), stored(expiring))
    await refresh(method("oauth"), first)

    expect(platform.requests).toHaveLength(1)
  })

  it("that is refused is reported with the remedy", async () => {
    const { method } = await signInSetUp({ autoAdvance: false, replies: [json(DEAD_REFRESH_TOKEN, 400)] })

    await expect(refresh(method("oauth"), stored({ ...expiring, expiresAt: START }))).rejects.toThrow(
      /Please run: opencode auth login alibaba/,
    )
  })

  it.each([
    ["no refresh token", { refresh: "" }],
    ["a token with a line break", { refresh: "refresh\n1" }],
    ["an expiry that is not a number", { expires: Number.NaN }],
  ])("of a stored account with %s fails with a message and sends nothing", async (_, fields) => {
    const { method, platform } = await signInSetUp()

    await expect(refresh(method("oauth"), stored(expiring, fields))).rejects.toThrow(
      "OpenCode's stored sign-in is not complete. Authentication required.",
    )
    expect(platform.requests).toHaveLength(0)
  })
})
