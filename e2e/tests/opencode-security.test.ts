import { createHash } from "node:crypto"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect } from "vitest"
import { askQuestion } from "../harness/opencode/asked-question.ts"
import { type Conversation, converse } from "../harness/opencode/conversation.ts"
import { BUILT_PLUGIN, question, runOpenCode, SIGN_IN } from "../harness/opencode/opencode.ts"
import { rawTerminal } from "../harness/opencode/raw-terminal.ts"
import { retryNotice } from "../harness/opencode/retry-notice.ts"
import { startedOpenCode } from "../harness/opencode/started-opencode.ts"
import { terminalMissing } from "../harness/opencode/terminal.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import {
  type KeyEndpoint,
  qwenAt,
  signedInWithKey,
  startProxiedSimulator,
} from "../harness/opencode/with-model-studio.ts"
import {
  moveExpiry,
  opencodeBinary,
  opencodeMissing,
  readTokenFile,
  signedIn,
  testWith,
  writePrivately,
} from "../harness/opencode/with-opencode.ts"
import { filesBelow } from "../harness/shared/files-below.ts"
import { type LoopbackTrap, setTrap } from "../harness/shared/loopback-trap.ts"
import { modesBelow } from "../harness/shared/modes-below.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

/** All of OpenCode's traffic passes the simulator's proxy, http too: whoever is asked stands in its log. */
const watched = ({ proxyEnv }: Simulator) => ({ ...proxyEnv, HTTP_PROXY: proxyEnv["HTTPS_PROXY"] ?? "" })
const it = testWith(startProxiedSimulator, watched, qwenAt).extend<{ trap: LoopbackTrap }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
  trap: async ({}, use) => {
    const trap = await setTrap()
    await use(trap)
    trap.close()
  },
})

const QUESTION = "What is 6 times 7?"
const SIGN_IN_HOST = "chat.qwen.ai"
const API_HOST = "portal.qwen.ai"

/** Addresses that are not Qwen's, the way somebody would make them look so. `PORT` is a port of this machine. */
const FOREIGN_ADDRESSES = [
  "evil.test",
  "https://evil.test/v1",
  "http://evil.test/v1",
  "http://portal.qwen.ai/v1",
  "portal.qwen.ai:8443",
  "user:password@portal.qwen.ai",
  "https://portal.qwen.ai@evil.test/v1",
  "https://portal.qwen.ai%40evil.test/v1",
  "portal.qwen.ai.evil.test",
  "qwen.ai.evil.test",
  "evilqwen.ai",
  "evil.test#portal.qwen.ai",
  "https:evil.test",
  "javascript:alert(1)",
  "portal.qwen.a\u0456",
  "portal.qwen.ai\uff0eevil.test",
  "portal.qwen.ai\u3002evil.test",
  "\u001b[2Jevil.test",
  "portal.qwen.ai\r\nevil.test",
  "x.oss-cn-beijing.aliyuncs.com",
  "https://dashscope.oss-cn-beijing.aliyuncs.com/v1",
  "aliyuncs.com",
  "maas.aliyuncs.com",
  "dashscope.aliyuncs.com.evil.test",
  "evil-dashscope.aliyuncs.com",
  "1.2.3.4",
  "2130706433",
  "[::1]",
  "[::ffff:127.0.0.1]:PORT",
  "127.0.0.1:PORT",
  "http://127.0.0.1:PORT/v1",
  "http://localhost:PORT/v1",
  // Qwen's host after all, with a path where nothing is: no renewal follows.
  "portal.qwen.ai\\@evil.test",
]

describe.skipIf(opencodeMissing)("a token whose resource_url is not Qwen's", () => {
  it("goes to portal.qwen.ai, whatever a renewal, a sign-in or OpenCode's record says", async ({
    simulator,
    opencode,
    trap,
  }) => {
    const { home } = opencode
    const check = async (address: string, ask: (told: string) => Promise<unknown>) => {
      const told = address.replace("PORT", String(trap.port))
      const before = (await simulator.log()).length
      await ask(told)
      const requests = (await simulator.log()).slice(before)
      const { access_token } = await readTokenFile(home)
      expect({ told, hosts: hostsOf(requests) }).toEqual({ told, hosts: [SIGN_IN_HOST, API_HOST] })
      expect(requests.map(({ headers }) => headers["authorization"])).toContain(`Bearer ${access_token}`)
      expect(trap.caught).toBe(0)
    }
    for (const address of ["evil.test", "http://portal.qwen.ai/v1", "http://127.0.0.1:PORT/v1"]) {
      await check(address, async (resourceUrl) => {
        await simulator.control("scenario", { token: { resourceUrl } })
        await signIn(simulator, opencode)
        await opencode.ask(QUESTION)
        expect((await readTokenFile(home)).resource_url).toBe(resourceUrl)
      })
    }
    for (const address of FOREIGN_ADDRESSES) {
      await check(address, async (resourceUrlOnRefresh) => {
        await simulator.control("scenario", { token: { resourceUrlOnRefresh } })
        await simulator.control("expire-tokens")
        await opencode.ask(QUESTION)
      })
    }
    const before = (await simulator.log()).length
    const record = { type: "oauth", access: "recorded-access", refresh: "recorded-refresh", expires: Date.now() * 2 }
    await writePrivately(home.authFile, { alibaba: { ...record, enterpriseUrl: "evil.test" } })
    await opencode.reload()
    await opencode.ask(QUESTION)
    const requests = (await simulator.log()).slice(before)
    expect(hostsOf(requests)).toEqual([SIGN_IN_HOST, API_HOST])
    expect(requests[0]?.headers["authorization"]).toBe("Bearer recorded-access")
  })
})

const REDIRECTS = [301, 302, 303, 307, 308]
const ELSEWHERE = { location: "https://evil.test/v1/chat/completions" }

describe.skipIf(opencodeMissing)("a redirect to another origin", () => {
  it("of the API is not followed, neither with a token nor with a key, and the answer says so", async ({
    simulator,
    opencode,
  }) => {
    const { home } = opencode
    const queue = REDIRECTS.map((status) => ({ status, headers: ELSEWHERE }))
    const { key, host, base_url: baseUrl } = await simulator.apiKey("coding")
    const askAll = async () => {
      for (const _ of REDIRECTS) {
        const { error } = await opencode.ask(QUESTION)
        expect(error).toContain("Qwen's API responded with a redirect to evil.test. It was not followed")
      }
    }
    await signIn(simulator, opencode)
    await simulator.control("scenario", { answers: { chat: { queue }, planChat: { queue } } })
    await askAll()
    await signedInWithKey(home, key, { plan: "coding-plan", region: "international", baseUrl })
    await opencode.reload()
    await askAll()
    expect(hostsOf(await simulator.log())).toEqual([SIGN_IN_HOST, host, API_HOST])
  })

  it("of the token endpoint is not followed, and the notice says what came", async ({ simulator, opencode }) => {
    const { home } = opencode
    await signedIn(simulator, home)
    await moveExpiry(home, Date.now() - 1000)
    const before = (await simulator.log()).length
    const [first, ...queue] = REDIRECTS.map((status) => ({ status, headers: ELSEWHERE }))
    await simulator.control("scenario", { answers: { refresh: { queue, standing: first } } })

    expect((await retryNotice(opencode.server)).message).toMatch(/could not be refreshed: .*(HTTP 307|redirect)/)
    expect(hostsOf((await simulator.log()).slice(before))).toEqual([SIGN_IN_HOST])
  })

  it("of the device endpoint is not followed, and the sign-in says what came", async ({ simulator, home }) => {
    const standing = { status: 307, headers: ELSEWHERE }
    await simulator.control("scenario", { answers: { deviceCode: { standing } } })

    const { output } = await runOpenCode(opencodeBinary, home, SIGN_IN)
    expect(output).toMatch(/Failed to authorize: .*(HTTP 307|redirect)/)
    expect(hostsOf(await simulator.log())).toEqual([SIGN_IN_HOST])
  })
})

/** What a terminal would obey: colours, a title, the clipboard, erasing, a C1 code, going back, a line of its own. */
const TERMINAL_CODES = "\u001b[31;47m\u001b]0;pwned\u0007\u001b]52;c;cHduZWQ=\u001b\\\u001b[2J\u009b2J\b\b\r\u001b[1A"
const FAKE = "\r\n\n◇  Login successful\r\n"
const INVISIBLE = "\u202e\u2066\u200b\u2028\u0000"
const LONG = "many words ".repeat(10_000)

describe.skipIf(opencodeMissing)("a server's hostile text", () => {
  it("is one readable, short line in the error, without token and key", async ({ simulator, opencode }) => {
    const { home } = opencode
    const { key, base_url: baseUrl } = await simulator.apiKey("coding")
    await signIn(simulator, opencode)
    const { access_token } = await readTokenFile(home)
    await expectBoundedWords(simulator, opencode, "chat", access_token)
    for (const text of [0, 1]) {
      await signIn(simulator, opencode)
      const { refresh_token } = await readTokenFile(home)
      const error = hostileTexts(refresh_token)[text]
      const refused = { status: 400, body: { error, error_description: error } }
      await simulator.control("scenario", { answers: { refresh: { queue: [refused] } } })
      await simulator.control("expire-tokens")
      const said = (await opencode.ask(QUESTION)).error
      expect(said).toContain("Token refresh failed: the service refused it")
      expectReadable(said, refresh_token)
    }
    await signedInWithKey(home, key, { plan: "coding-plan", region: "international", baseUrl })
    await opencode.reload()
    await expectBoundedWords(simulator, opencode, "planChat", key)
  })

  it.skipIf(terminalMissing)("reaches no terminal: an answer that is refused", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    const { access_token } = await readTokenFile(home)
    const message = `${TERMINAL_CODES}${FAKE}${INVISIBLE} ${access_token} ${LONG}`
    const refused = { status: 400, body: { error: { code: "x", message } } }
    await simulator.control("scenario", { answers: { chat: { queue: [refused] } } })

    const raw = await rawTerminal(home, question("Hello"))
    expect(raw).toContain("Qwen's API refused the request: ")
    expectTameTerminal(raw, access_token)
  })

  it.skipIf(terminalMissing)("reaches no terminal: a sign-in that is refused", async ({ simulator, home }) => {
    const text = `${TERMINAL_CODES}${FAKE}${INVISIBLE}${LONG}`
    const refused = { status: 400, body: { error: text, error_description: text } }
    await simulator.control("scenario", { answers: { token: { queue: [refused] } } })

    const raw = await rawTerminal(home, SIGN_IN)
    expect(raw).toContain("Sign-in failed: the service refused it")
    expectTameTerminal(raw)
  })
})

/** Nothing but a page of the web, shown by a browser that the person opens, may come from this answer. */
describe.skipIf(opencodeMissing)("a hostile answer of the device endpoint", () => {
  it("starts no sign-in, or only one at a plain https address", async ({ simulator, opencode }) => {
    const page = "https://chat.qwen.ai/authorize"
    const refused = [
      ...["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://evil.test/", "", page.slice(8)].map(
        (uri) => ({ verification_uri: uri }),
      ),
      { verification_uri: "https://user:password@chat.qwen.ai/" },
      { verification_uri: ["https://chat.qwen.ai"] },
      ...[TERMINAL_CODES, "ABCD\nEFGH", "ABCD\u202eEFGH", "x".repeat(100)].map((code) => ({ user_code: code })),
      { device_code: "a b" },
      { device_code: "a\r\nb" },
    ]
    const shown = [
      { verification_uri: page, verification_uri_complete: "javascript:alert(1)" },
      { verification_uri: page, verification_uri_complete: "http://evil.test/?user_code=x" },
      { verification_uri: page, verification_uri_complete: `${page}?${TERMINAL_CODES}${INVISIBLE}` },
      { verification_uri: page, verification_uri_complete: `https://chat.qwen.a\u0456/${TERMINAL_CODES}` },
    ]
    for (const fields of refused) {
      await simulator.control("scenario", { deviceCode: { fields } })
      expect({ fields, begun: await opencode.begin("account") }).toEqual({ fields, begun: undefined })
    }
    for (const fields of shown) {
      await simulator.control("scenario", { deviceCode: { fields } })
      expect((await opencode.begin("account"))?.url).toMatch(/^https:\/\/[\x21-\x7e]+$/)
    }
  })

  it.skipIf(terminalMissing)("is said in words", async ({ simulator, home }) => {
    const fields = { verification_uri: "javascript:alert(1)", user_code: TERMINAL_CODES }
    await simulator.control("scenario", { deviceCode: { fields } })

    const raw = await rawTerminal(home, SIGN_IN)
    expect(raw).toContain("The sign-in service did not answer as expected (HTTP 200).")
    expectTameTerminal(raw)
  })
})

describe.skipIf(opencodeMissing)("a configured address that no token may go to", () => {
  for (const [entry, address, shown] of [
    ["QWEN_API_BASE_URL", "http://evil.test/v1", "http://evil.test"],
    ["QWEN_OAUTH_BASE_URL", "https://ada:secret-word@evil.test", "https://evil.test"],
  ] as const) {
    it(`${entry} ${shown}: nobody is asked, and the sentence names it`, async ({ simulator, home }) => {
      await signedIn(simulator, home)
      await moveExpiry(home, Date.now() - 1000)
      const before = (await simulator.log()).length
      const asked = await askQuestion(simulator, { ...home, env: { ...home.env, [entry]: address } })

      expect(asked.screen).toContain(`${entry} "${shown}" cannot be used. Use an https:// address`)
      expect(asked.screen).not.toContain("secret-word")
      expect(asked.secretsShown).toEqual([])
      expect((await simulator.log()).slice(before)).toEqual([])
    })
  }

  it("in the plugin's options: nobody is asked, and the sentence names the option", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await moveExpiry(home, Date.now() - 1000)
    const before = (await simulator.log()).length
    // Unlike its other configuration, OpenCode reads this one again when it loads the plugin anew.
    await configure(home.configFile, { plugin: [] })
    const configFile = join(home.root, "home", ".opencode", "opencode.json")
    await configure(configFile, { plugin: [BUILT_PLUGIN] })
    await converse(home, async (conversation) => {
      for (const [option, address, shown] of [
        ["apiBaseUrl", "http://evil.test/v1", "http://evil.test"],
        ["apiBaseUrl", "https://ada:secret-word@evil.test/v1", "https://evil.test"],
        ["oauthBaseUrl", "http://chat.qwen.ai", "http://chat.qwen.ai"],
        ["oauthBaseUrl", "https://ada:secret-word@chat.qwen.ai", "https://chat.qwen.ai"],
      ] as const) {
        await configure(configFile, { plugin: [[BUILT_PLUGIN, { [option]: address }]] })
        await conversation.reload()
        const { error } = await conversation.ask(QUESTION)
        expect(error).toContain(`The plugin option ${option} "${shown}" cannot be used. Use an https:// address`)
        expect(error).not.toContain("secret-word")
      }
    })
    expect((await simulator.log()).slice(before)).toEqual([])
  })

  it("in auth-config.json and in OpenCode's settings of the provider: the token goes where it should", async ({
    simulator,
    home,
  }) => {
    await signedIn(simulator, home)
    await configure(home.configFile, { provider: { alibaba: { options: { baseURL: "https://evil.test/v1" } } } })
    const authConfig = { apiBaseUrl: "http://evil.test/v1", oauthBaseUrl: "https://evil.test" }
    await writePrivately(join(home.root, "home", ".opencode", "qwen", "auth-config.json"), authConfig)
    const before = (await simulator.log()).length
    await converse(home, async (conversation) => {
      expect((await conversation.ask(QUESTION)).text).toContain("42")
      const told = /unknown entries in .*auth-config\.json: .*apiBaseUrl.*oauthBaseUrl/
      await expect.poll(() => opencodeLog(home)).toMatch(told)
    })
    expect(hostsOf((await simulator.log()).slice(before))).toEqual([API_HOST])
  })
})

/** Where no key may go, `PORT` as above. */
const FOREIGN_BASES = [
  "https://evil.test/v1",
  "http://evil.test/v1",
  "http://coding.dashscope.aliyuncs.com/v1",
  "https://coding.dashscope.aliyuncs.com@evil.test/v1",
  "https://coding.dashscope.aliyuncs.com:8443/v1",
  "https://x.oss-cn-beijing.aliyuncs.com/v1",
  "http://127.0.0.1:PORT/v1",
  "javascript:alert(1)",
]

describe.skipIf(opencodeMissing)("an API key that is said to belong elsewhere", () => {
  it("by OpenCode's record or the cache of places is not sent there, nor shown", async ({
    simulator,
    opencode,
    trap,
  }) => {
    const { home } = opencode
    const { key, host } = await simulator.apiKey("coding", { region: "china" })
    const placeAt = (base: string): KeyEndpoint => {
      return { plan: "coding-plan", region: "china", baseUrl: base.replace("PORT", String(trap.port)) }
    }
    const cache = cacheFile(home, "qwen-key-endpoints.json")
    const fingerprint = createHash("sha256").update(key).digest("hex").slice(0, 32)
    await signedInWithKey(home, key, placeAt("https://evil.test/v1"))
    const ask = async () => {
      const before = (await simulator.log()).length
      await opencode.reload()
      const { text, error } = await opencode.ask(QUESTION)
      // What goes out beside the answer may take a moment.
      await sleep(100)
      return { said: error ?? text, hosts: hostsOf((await simulator.log()).slice(before)), caught: trap.caught }
    }
    for (const base of FOREIGN_BASES) {
      await signedInWithKey(home, key, placeAt(base))
      const said = expect.stringContaining("The address stored with the API key is not a Model Studio address.")
      const asked = await ask()
      expect.soft({ base, ...asked }).toEqual({ base, said, hosts: [], caught: 0 })
      expect.soft(asked.said).not.toContain(key)
    }
    await writePrivately(home.authFile, { alibaba: { type: "api", key, metadata: { qwenAuth: "unresolved" } } })
    for (const base of FOREIGN_BASES.slice(0, 2)) {
      await writePrivately(cache, { [fingerprint]: placeAt(base) })
      const { said, hosts, caught } = await ask()
      expect.soft({ base, said, caught }).toEqual({ base, said: "6 times 7 = 42", caught: 0 })
      expect.soft(hosts).toContain(host)
      expect.soft(hosts.filter((name) => !name.endsWith(".aliyuncs.com"))).toEqual([])
    }
  })
})

/** Names that every object has, a name for a terminal, one of a wrong kind, a very long one. */
const HOSTILE_IDS = ["constructor", "__proto__", "toString", `${TERMINAL_CODES}${INVISIBLE}`, "", "x".repeat(10_000)]

describe.skipIf(opencodeMissing)("a hostile list", () => {
  it("of models in the cache does no harm", async ({ simulator, home }) => {
    const { key, base_url: baseUrl } = await simulator.apiKey("coding")
    await signedInWithKey(home, key, { plan: "coding-plan", region: "international", baseUrl })
    await writePrivately(cacheFile(home, "qwen-models.json"), {
      [baseUrl]: { fetchedAt: Date.now(), ids: [...HOSTILE_IDS, "qwen3.7-plus"] },
    })
    const { stdout, code } = await runOpenCode(opencodeBinary, home, ["models", "alibaba"])

    expect.soft(code).toBe(0)
    expect.soft(stdout).toContain("alibaba/coder-model\n")
    expect.soft(stdout.replaceAll("\n", "")).not.toMatch(UNREADABLE)
    expect.soft(stdout.length).toBeLessThan(2_000)
  })

  it("of models from the service does no harm", async ({ simulator, opencode }) => {
    const { home } = opencode
    const { key, base_url: baseUrl } = await simulator.apiKey("coding")
    await signedInWithKey(home, key, { plan: "coding-plan", region: "international", baseUrl })
    const data = [...HOSTILE_IDS, "qwen3.7-plus"].map((id) => ({ id }))
    await simulator.control("scenario", { answers: { planModels: { standing: { body: { object: "list", data } } } } })
    await opencode.ask(QUESTION)
    await expect.poll(() => readFile(cacheFile(home, "qwen-models.json"), "utf8")).toContain("qwen3.7-plus")
    await opencode.reload()
    expect(await opencode.ask(QUESTION)).toMatchObject({ text: "6 times 7 = 42" })
  })
})

describe.skipIf(opencodeMissing ?? (process.platform === "win32" ? "needs file modes" : undefined))("files", () => {
  it("that the plugin writes are its owner's alone, also when everything else may be read by all", async ({
    simulator,
    home,
  }) => {
    const env = { ...home.env, DEBUG_QWEN_PLUGIN: "1", ENABLE_PLUGIN_REQUEST_LOGGING: "1" }
    const program = await startedOpenCode(home, { before: "umask 000" })
    const folder = join(home.root, "home", ".opencode")
    const there = new Set(Object.keys(await modesBelow(folder)))
    const { key } = await simulator.apiKey("coding")
    let modes: Record<string, string> = {}
    await converse(
      { ...home, env },
      async (conversation) => {
        await signIn(simulator, conversation)
        await simulator.control("expire-tokens")
        await conversation.ask(QUESTION)
        modes = await modesBelow(folder)
        await writePrivately(home.authFile, { alibaba: { type: "api", key, metadata: { qwenAuth: "unresolved" } } })
        await conversation.reload()
        await conversation.ask(QUESTION)
        modes = { ...modes, ...(await modesBelow(folder)) }
      },
      program,
    )

    // OpenCode writes a `.gitignore` of its own there.
    const written = Object.entries(modes).filter(([path]) => !there.has(path) && path !== ".gitignore")
    expect(written.filter(([, mode]) => mode !== "0600" && mode !== "0700/")).toEqual([])
    const paths = written.map(([path]) => path)
    for (const file of ["qwen-key-endpoints.json", "qwen-models.json"]) {
      expect(paths).toContain(join("cache", file))
    }
    expect(paths).toEqual(
      expect.arrayContaining([join("qwen", "oauth_token.json"), join("qwen", "oauth_token.json.lock")]),
    )
    expect(paths).toContain(join("logs", "qwen-plugin", "debug.log"))
    expect(paths.some((path) => /^logs.qwen-plugin.\d{4}-.*\.json$/.test(path))).toBe(true)
  })
})

/** A sign-in with a Qwen account, at once approved. */
async function signIn(simulator: Simulator, conversation: Conversation): Promise<void> {
  await simulator.control("scenario", { deviceCode: { autoApprove: true } })
  expect(await conversation.begin("account")).toBeDefined()
  expect(await conversation.finish("account")).toBe(true)
  await conversation.reload()
}

function hostsOf(requests: readonly { readonly host: string }[]): string[] {
  return [...new Set(requests.map(({ host }) => host))].sort()
}

/** Server texts that a person must not get as they are. */
function hostileTexts(secret: string): string[] {
  return [
    `${TERMINAL_CODES}${FAKE}${INVISIBLE} ${secret}`,
    `Bearer ${secret} ${LONG}`,
    JSON.stringify({ authorization: `Bearer ${secret}`, url: `https://evil.test/?t=${secret}` }),
    `${"x ".repeat(85)}${secret}`,
  ]
}

async function expectBoundedWords(
  simulator: Simulator,
  conversation: Conversation,
  endpoint: "chat" | "planChat",
  secret: string,
): Promise<void> {
  const texts = hostileTexts(secret)
  const page = "<!doctype html><script>alert(1)</script>"
  const bodies = texts.flatMap((text) => [
    { status: 400, body: { error: { code: text, message: text } } },
    { status: 403, body: { error: text } },
    { status: 200, headers: { "content-type": "text/html" }, body: `${page}${text}` },
  ])
  await simulator.control("scenario", { answers: { [endpoint]: { queue: bodies } } })
  for (const body of bodies) {
    const { error } = await conversation.ask(QUESTION)
    expect({ body, error }).toEqual({ body, error: expect.any(String) })
    expectReadable(error, secret)
  }
}

/** Control characters, bidirectional and other invisible ones; not U+2060, by which the plugin keeps OpenCode from retrying. */
const UNREADABLE = /(?!\u2060)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

function expectReadable(text: string | undefined, secret: string): void {
  expect(text).toBeDefined()
  expect(text).not.toMatch(UNREADABLE)
  expect(text?.length).toBeLessThan(700)
  expect(text).not.toContain(secret.slice(6, 22))
}

/** What OpenCode itself sends a terminal: colours, the cursor to the line's start, erasing below it, hiding and showing it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OPENCODES_OWN_CODES = /\u001b\[(?:(?:0|1|22|[39]\d|[39]\d;[39]\d)m|999D|J|\?25[lh])/g

function expectTameTerminal(raw: string, secret?: string): void {
  const rest = raw.replace(OPENCODES_OWN_CODES, "").replaceAll("\r\n", "")
  expect(rest.replaceAll("\n", "")).not.toMatch(UNREADABLE)
  expect(raw).not.toMatch(/^\P{L}*Login successful/mu)
  // Most of it is the sign of waiting, drawn again and again.
  expect(raw.length).toBeLessThan(20_000)
  if (secret !== undefined) expect(raw).not.toContain(secret.slice(6, 22))
}

function cacheFile(home: ThrowawayHome, name: string): string {
  return join(home.root, "home", ".opencode", "cache", name)
}

/** Changes a configuration of OpenCode's. */
async function configure(file: string, changes: object): Promise<void> {
  const present: unknown = JSON.parse(await readFile(file, "utf8").catch(() => "{}"))
  await writeFile(file, JSON.stringify({ ...(present instanceof Object ? present : {}), ...changes }))
}

async function opencodeLog(home: ThrowawayHome): Promise<string> {
  const files = await filesBelow(join(home.root, "data", "opencode", "log"))
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n")
}
