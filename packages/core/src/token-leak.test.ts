import { chmod, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { inspect } from "node:util"
import { account } from "qwen-auth-testing/account"
import { fakePlatform, type Reply, START } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { empty, firewallPage, json, page, text } from "qwen-auth-testing/replies"
import { credential, DEAD_REFRESH_TOKEN, keyCredential, SERVER, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { createQwenFetch } from "./api/qwen-fetch.ts"
import type { OAuthCredential } from "./credentials/credential.ts"
import { credentialFile } from "./credentials/credential-file.ts"
import { CredentialManager } from "./credentials/credential-manager.ts"
import { startDeviceSignIn } from "./credentials/device-sign-in.ts"
import { QwenAuthError } from "./errors.ts"
import { redactingLogger } from "./log/redact.ts"
import { resolveKeyEndpoint } from "./model-studio/resolve-key-endpoint.ts"

const MARKER = "s3cr3tmarker"
const temporaryFolder = temporaryFolders()

const started = json({ ...STARTED, device_code: `${MARKER}-device` })
const tokens = json({ ...TOKENS, access_token: `${MARKER}-access-2`, refresh_token: `${MARKER}-refresh-2` })
const stored = (expiresAt: number) =>
  credential({ accessToken: `${MARKER}-access-1`, refreshToken: `${MARKER}-refresh-1`, expiresAt })

/** Responses of servers that repeat the secrets of the request. */
const echoes: [string, Reply][] = [
  ["400 in plain text", (request) => new Response(String(request.body), { status: 400 })],
  ["401 in plain text", (request) => new Response(String(request.headers.get("authorization")), { status: 401 })],
  ["200 without JSON", text(`{"access_token":"${MARKER}`)],
  ["200 incomplete", json({ token: MARKER, access_token: null })],
  ["a page", page(502)],
  ["a page that contains it", text(`<!doctype html>${MARKER}`, 200)],
  ["the firewall's page", firewallPage(200)],
  ["an OAuth error", json({ ...DEAD_REFRESH_TOKEN, refresh_token: MARKER }, 400)],
  ["an OAuth error with status 200", json({ error: "invalid_grant", access_token: MARKER })],
  ["a redirect that contains it", empty(302, { location: `https://evil.test/${MARKER}?access_token=${MARKER}` })],
  ["a reset", () => Promise.reject(new TypeError("fetch failed", { cause: new Error("read ECONNRESET") }))],
]

/** A secret as long as a real key or token. A secret that a service repeats is recognised by its length. */
const LONG = `${MARKER}0123456789abcdef0123456789abcdef`
const API_KEY = `sk-sp-${LONG}`

/** Errors of the API that repeat the key or the token. */
const repeats: [string, Reply][] = [400, 401, 403, 404, 429, 500].flatMap((status): [string, Reply][] => [
  [
    `${status} that quotes it`,
    ({ headers }) => {
      const quoted = `Incorrect API key provided: ${headers.get("authorization")} (your quota, this model).`
      return Response.json({ error: { code: "invalid_api_key", message: quoted } }, { status })
    },
  ],
  [
    `${status} that contains nothing else`,
    ({ headers }) => Response.json({ error: headers.get("authorization"), code: LONG, message: LONG }, { status }),
  ],
])

/** All text of these values that a user, a log or a debugger can see. */
function seen(...values: unknown[]): string {
  const sentences = values.map((value) => (QwenAuthError.isInstance(value) ? value.sentence : ""))
  return sentences.join("\n") + inspect(values, { depth: 10, showHidden: true })
}

const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

/** A platform with a redacted log, as in a host. */
function loggedPlatform(replies: readonly Reply[], rest?: Reply) {
  const platform = fakePlatform({ replies, rest })
  return { platform: { ...platform, log: redactingLogger(platform.log) }, logged: platform.logged }
}

describe("no token is disclosed", () => {
  it("by a successful sign-in and refresh", async () => {
    const { platform, logged } = loggedPlatform([started, tokens, tokens])
    const store = memoryStore()
    const manager = new CredentialManager({ platform, server: SERVER, store })
    const signIn = await startDeviceSignIn({ platform, server: SERVER })
    await manager.setCredential(await signIn.wait())
    await manager.refresh(account(await manager.getCredential()))
    expect(account(store.stored.credential).accessToken).toContain(MARKER)
    expect(logged.length).toBeGreaterThan(0)
    expect(seen(logged)).not.toContain(MARKER)
  })

  it.each(echoes)("by a sign-in that fails: %s", async (_, reply) => {
    const { platform, logged } = loggedPlatform([started], reply)
    const signIn = await startDeviceSignIn({ platform, server: SERVER })
    const error = await outcome(signIn.wait())
    expect(error).toBeInstanceOf(QwenAuthError)
    expect(seen(error, logged)).not.toContain(MARKER)
  })

  it.each(echoes)("by a start that fails: %s", async (_, reply) => {
    const { platform, logged } = loggedPlatform([], reply)
    const error = await outcome(startDeviceSignIn({ platform, server: SERVER }))
    expect(error).toBeInstanceOf(QwenAuthError)
    expect(seen(error, logged)).not.toContain(MARKER)
  })

  it.each(echoes)("by a refresh that fails: %s", async (_, reply) => {
    const { platform, logged } = loggedPlatform([], reply)
    const manager = new CredentialManager({ platform, server: SERVER, store: memoryStore(stored(START)) })
    const error = await outcome(manager.getCredential())
    expect(error).toBeInstanceOf(QwenAuthError)
    expect(seen(error, logged)).not.toContain(MARKER)
  })

  it.each(echoes)("by a refresh that fails while the token is valid: %s", async (_, reply) => {
    const { platform, logged } = loggedPlatform([], reply)
    const manager = new CredentialManager({ platform, server: SERVER, store: memoryStore(stored(START + 60_000)) })
    const error = await outcome(manager.getCredential())
    expect(seen(error, logged)).not.toContain(MARKER)
  })

  it.each(echoes)("by a request that fails: %s", async (_, reply) => {
    const { platform, logged } = loggedPlatform([reply, tokens], reply)
    const credentials = new CredentialManager({ platform, server: SERVER, store: memoryStore(stored(START + 9e6)) })
    const qwenFetch = createQwenFetch({ platform, credentials, userAgent: "qwen-auth/0 (test; x)" })
    const request = { method: "POST", body: "{}" }
    const response = await qwenFetch("https://api.test/v1/chat/completions", request).catch((error: unknown) => error)
    // A successful response is passed on unchanged.
    const shown = response instanceof Response ? (response.ok ? "" : await response.text()) : seen(response)
    expect(shown).not.toContain(MARKER)
    expect(seen(logged)).not.toContain(MARKER)
  })

  it.each(repeats)("by a request with an error response of the API: %s", async (_, reply) => {
    const { platform, logged } = loggedPlatform([], reply)
    const credentials = {
      getCredential: async () => credential({ accessToken: LONG }),
      refresh: async () => credential({ accessToken: `${LONG}-2` }),
      syncClock: () => {},
    }
    const qwenFetch = createQwenFetch({ platform, credentials, userAgent: "qwen-auth/0 (test; x)" })
    const response = await qwenFetch("https://api.test/v1/chat/completions", { method: "POST", body: "{}" })
    expect(await response.text()).not.toContain(MARKER)
    expect(seen(logged)).not.toContain(MARKER)
  })

  it.each([...echoes, ...repeats])("by a request with an API key that fails: %s", async (_, reply) => {
    const { platform, logged } = loggedPlatform([], reply)
    const credential = keyCredential({ apiKey: API_KEY })
    const credentials = { getCredential: async () => credential, refresh: async () => credential, syncClock: () => {} }
    const qwenFetch = createQwenFetch({ platform, credentials, userAgent: "qwen-auth/0 (test; x)" })
    const response = await qwenFetch("https://api.test/v1/chat/completions", { method: "POST", body: "{}" })
    expect(response.ok ? "" : await response.text()).not.toContain(MARKER)
    expect(seen(logged)).not.toContain(MARKER)
  })

  it.each([...echoes, ...repeats])("by probing the endpoints of an API key: %s", async (_, reply) => {
    const { platform, logged } = loggedPlatform([], reply)
    const error = await outcome(resolveKeyEndpoint({ platform, apiKey: API_KEY }))
    expect(error).toBeInstanceOf(QwenAuthError)
    expect(seen(error, logged)).not.toContain(MARKER)
  })

  it("by a malformed API key or one with a foreign stored endpoint", async () => {
    const { platform, logged } = loggedPlatform([])
    const malformed = await outcome(resolveKeyEndpoint({ platform, apiKey: `${API_KEY} ${API_KEY}` }))
    const credential = keyCredential({ apiKey: API_KEY, baseUrl: `https://evil.test/${MARKER}` })
    const credentials = { getCredential: async () => credential, refresh: async () => credential, syncClock: () => {} }
    const qwenFetch = createQwenFetch({ platform, credentials, userAgent: "qwen-auth/0 (test; x)" })
    const response = await qwenFetch("https://api.test/v1/chat/completions", { method: "POST", body: "{}" })
    expect([response.status, await response.text()].join()).not.toContain(MARKER)
    expect(seen(malformed, logged)).not.toContain(MARKER)
    expect(platform.requests).toEqual([])
  })

  it("by a store that cannot be written and a host that does not accept the credential", async () => {
    const path = join(await temporaryFolder(), "file", "token.json")
    const { platform, logged } = loggedPlatform([tokens])
    const store = memoryStore(stored(START))
    const broken = credentialFile(join("/dev/null", path), { platform })
    const write = (refreshed: OAuthCredential) => broken.withLock((lock) => lock.write(refreshed))
    const manager = new CredentialManager({
      platform,
      server: SERVER,
      store: { ...store, withLock: (task) => task({ isHeld: async () => true, reserveSpace: async () => {}, write }) },
      publish: (refreshed) =>
        Promise.reject(Object.assign(new Error("HTTP 500"), { body: { access: refreshed.accessToken } })),
    })
    await manager.getCredential()
    expect(logged.filter(({ level }) => level === "warn")).toHaveLength(2)
    expect(seen(logged)).not.toContain(MARKER)
  })

  it.each([
    ["a disk that stays full", { full: true }],
    ["a lock that another process does not release", { locked: true }],
    ["a lock that is lost", { takenOver: true }],
  ])("by %s", async (_, trouble) => {
    for (const expiresAt of [START, START + 60_000]) {
      const { platform, logged } = loggedPlatform([tokens])
      const store = Object.assign(memoryStore(stored(expiresAt)), trouble)
      const manager = new CredentialManager({ platform, server: SERVER, store })
      const outcomes = [
        await outcome(manager.getCredential()),
        await outcome(manager.setCredential(stored(START + 9e6))),
      ]
      platform.pass(30_000)
      outcomes.push(await outcome(manager.getCredential()))
      await settle()
      expect(logged.length).toBeGreaterThan(0)
      expect(seen(outcomes, logged)).not.toContain(MARKER)
    }
  })

  it("by the lock, or by a message about a file that others may read or that cannot be used", async () => {
    const path = join(await temporaryFolder(), "qwen", "token.json")
    const { platform, logged } = loggedPlatform([tokens])
    const store = credentialFile(path, { platform })
    await store.withLock((lock) => lock.write(stored(START)))
    await chmod(path, 0o644)
    await store.withLock(async (lock) => {
      await lock.reserveSpace()
      const [, number = ""] = (await readdir(`${path}.lock`)).sort()
      expect(await readFile(join(`${path}.lock`, number), "utf8")).toContain(String(platform.pid))
      expect(await readFile(join(`${path}.lock`, number), "utf8")).not.toContain(MARKER)
      const names = await readdir(dirname(path))
      expect(names.join()).not.toContain(MARKER)
    })
    const { credential: readBack } = await store.read()
    await writeFile(path, `{"access_token": "${MARKER}"}`)
    const { problem } = await store.read()
    expect(account(readBack).accessToken).toContain(MARKER)
    expect(seen(problem, logged)).not.toContain(MARKER)
  })
})
