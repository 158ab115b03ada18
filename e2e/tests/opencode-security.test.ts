import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect } from "vitest"
import { askQuestion } from "../harness/opencode/ask-question.ts"
import { configure } from "../harness/opencode/configuration.ts"
import { type Conversation, converse } from "../harness/opencode/conversation.ts"
import { BUILT_PLUGIN, question, runOpenCode, SIGN_IN } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { createLauncher } from "../harness/opencode/opencode-launcher.ts"
import { openCodeLog } from "../harness/opencode/opencode-log.ts"
import { retryNotice } from "../harness/opencode/retry-notice.ts"
import { rawTerminal, terminalMissing } from "../harness/opencode/terminal.ts"
import { type ThrowawayHome, within } from "../harness/opencode/throwaway-home.ts"
import {
  qwenAt,
  signedInToPlan,
  signedInWithKey,
  startProxiedSimulator,
} from "../harness/opencode/with-model-studio.ts"
import { moveExpiry, readTokenFile, signedIn, testWith, writePrivately } from "../harness/opencode/with-opencode.ts"
import { modesBelow } from "../harness/shared/files-below.ts"
import { type LoopbackTrap, setTrap } from "../harness/shared/loopback-trap.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

/** All of OpenCode's traffic uses the simulator's proxy, also plain http, so its log names every host. */
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

/** Addresses that look like Qwen's but are not. `PORT` is a port of this machine. */
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
  // This is Qwen's host with an unknown path, so no refresh follows.
  "portal.qwen.ai\\@evil.test",
]

describe.skipIf(opencodeMissing)("a token whose resource_url is not Qwen's", () => {
  it("is sent to portal.qwen.ai, whatever a refresh, a sign-in or OpenCode's record names", async ({
    simulator,
    opencode,
    trap,
  }) => {
    const { home } = opencode
    const check = async (template: string, ask: (address: string) => Promise<unknown>) => {
      const address = template.replace("PORT", String(trap.port))
      const before = (await simulator.log()).length
      await ask(address)
      const requests = (await simulator.log()).slice(before)
      const { access_token } = await readTokenFile(home)
      expect({ address, hosts: hostsOf(requests) }).toEqual({ address, hosts: [SIGN_IN_HOST, API_HOST] })
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
  it("of the API is not followed, with a token or with a key, and the answer says so", async ({
    simulator,
    opencode,
  }) => {
    const { home } = opencode
    const queue = REDIRECTS.map((status) => ({ status, headers: ELSEWHERE }))
    const askAll = async () => {
      for (const _ of REDIRECTS) {
        const { error } = await opencode.ask(QUESTION)
        expect(error).toContain("Qwen's API responded with a redirect to evil.test. It was not followed")
      }
    }
    await signIn(simulator, opencode)
    await simulator.control("scenario", { answers: { chat: { queue }, planChat: { queue } } })
    await askAll()
    const { host } = await signedInToPlan(simulator, home, "coding")
    await opencode.reload()
    await askAll()
    expect(hostsOf(await simulator.log())).toEqual([SIGN_IN_HOST, host, API_HOST])
  })

  it("of the token endpoint is not followed, and the notice names it", async ({ simulator, opencode }) => {
    const { home } = opencode
    await signedIn(simulator, home)
    await moveExpiry(home, Date.now() - 1000)
    const before = (await simulator.log()).length
    const [first, ...queue] = REDIRECTS.map((status) => ({ status, headers: ELSEWHERE }))
    await simulator.control("scenario", { answers: { refresh: { queue, standing: first } } })

    expect((await retryNotice(opencode.server)).message).toMatch(/could not be refreshed: .*(HTTP 307|redirect)/)
    expect(hostsOf((await simulator.log()).slice(before))).toEqual([SIGN_IN_HOST])
  })

  it("of the device endpoint is not followed, and the sign-in names it", async ({ simulator, home }) => {
    const standing = { status: 307, headers: ELSEWHERE }
    await simulator.control("scenario", { answers: { deviceCode: { standing } } })

    const { output } = await runOpenCode(home, SIGN_IN)
    expect(output).toMatch(/Failed to authorize: .*(HTTP 307|redirect)/)
    expect(hostsOf(await simulator.log())).toEqual([SIGN_IN_HOST])
  })
})

/** Codes that a terminal executes: colours, a title, the clipboard, erasing, a C1 code, backspaces, cursor movement. */
const TERMINAL_CODES = "\u001b[31;47m\u001b]0;pwned\u0007\u001b]52;c;cHduZWQ=\u001b\\\u001b[2J\u009b2J\b\b\r\u001b[1A"
const FAKE = "\r\n\n◇  Login successful\r\n"
const INVISIBLE = "\u202e\u2066\u200b\u2028\u0000"
const LONG = "many words ".repeat(10_000)

describe.skipIf(opencodeMissing)("a server's hostile text", () => {
  it("is a short readable line in the error, without the token or the key", async ({ simulator, opencode }) => {
    const { home } = opencode
    await signIn(simulator, opencode)
    const { access_token } = await readTokenFile(home)
    await expectReadableErrors(simulator, opencode, "chat", access_token)
    for (const text of [0, 1]) {
      await signIn(simulator, opencode)
      const { refresh_token } = await readTokenFile(home)
      const error = hostileTexts(refresh_token)[text]
      const refused = { status: 400, body: { error, error_description: error } }
      await simulator.control("scenario", { answers: { refresh: { queue: [refused] } } })
      await simulator.control("expire-tokens")
      const message = (await opencode.ask(QUESTION)).error
      expect(message).toContain("Token refresh failed: the service refused it")
      expectReadable(message, refresh_token)
    }
    const { key } = await signedInToPlan(simulator, home, "coding")
    await opencode.reload()
    await expectReadableErrors(simulator, opencode, "planChat", key)
  })

  it.skipIf(terminalMissing)("does not reach the terminal from a refused request", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    const { access_token } = await readTokenFile(home)
    const message = `${TERMINAL_CODES}${FAKE}${INVISIBLE} ${access_token} ${LONG}`
    const refused = { status: 400, body: { error: { code: "x", message } } }
    await simulator.control("scenario", { answers: { chat: { queue: [refused] } } })

    const raw = await rawTerminal(home, question("Hello"))
    expect(raw).toContain("Qwen's API refused the request: ")
    expectHarmlessTerminal(raw, access_token)
  })

  it.skipIf(terminalMissing)("does not reach the terminal from a refused sign-in", async ({ simulator, home }) => {
    const text = `${TERMINAL_CODES}${FAKE}${INVISIBLE}${LONG}`
    const refused = { status: 400, body: { error: text, error_description: text } }
    await simulator.control("scenario", { answers: { token: { queue: [refused] } } })

    const raw = await rawTerminal(home, SIGN_IN)
    expect(raw).toContain("Sign-in failed: the service refused it")
    expectHarmlessTerminal(raw)
  })
})

describe.skipIf(opencodeMissing)("a hostile answer of the device endpoint", () => {
  it("starts no sign-in, or one at a plain https address", async ({ simulator, opencode }) => {
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

  it.skipIf(terminalMissing)("is reported in a sentence", async ({ simulator, home }) => {
    const fields = { verification_uri: "javascript:alert(1)", user_code: TERMINAL_CODES }
    await simulator.control("scenario", { deviceCode: { fields } })

    const raw = await rawTerminal(home, SIGN_IN)
    expect(raw).toContain("The sign-in service did not answer as expected (HTTP 200).")
    expectHarmlessTerminal(raw)
  })
})

describe.skipIf(opencodeMissing)("a configured address that must not get a token", () => {
  for (const [entry, address, shown] of [
    ["QWEN_API_BASE_URL", "http://evil.test/v1", "http://evil.test"],
    ["QWEN_OAUTH_BASE_URL", "https://ada:secret-word@evil.test", "https://evil.test"],
  ] as const) {
    it(`in ${entry} gets no request, and the error names it: ${shown}`, async ({ simulator, home }) => {
      await signedIn(simulator, home)
      await moveExpiry(home, Date.now() - 1000)
      const before = (await simulator.log()).length
      const result = await askQuestion(simulator, within(home, { [entry]: address }))

      expect(result.screen).toContain(`${entry} "${shown}" cannot be used. Use an https:// address`)
      expect(result.screen).not.toContain("secret-word")
      expect(result.secretsShown).toEqual([])
      expect((await simulator.log()).slice(before)).toEqual([])
    })
  }

  it("in the plugin's options gets no request, and the error names the option", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await moveExpiry(home, Date.now() - 1000)
    const before = (await simulator.log()).length
    // OpenCode reads only this configuration again when it reloads the plugin.
    await configure(home, { plugin: [] })
    const configFile = join(home.root, "home", ".opencode", "opencode.json")
    await configure(home, { plugin: [BUILT_PLUGIN] }, configFile)
    await converse(home, async (conversation) => {
      for (const [option, address, shown] of [
        ["apiBaseUrl", "http://evil.test/v1", "http://evil.test"],
        ["apiBaseUrl", "https://ada:secret-word@evil.test/v1", "https://evil.test"],
        ["oauthBaseUrl", "http://chat.qwen.ai", "http://chat.qwen.ai"],
        ["oauthBaseUrl", "https://ada:secret-word@chat.qwen.ai", "https://chat.qwen.ai"],
      ] as const) {
        await configure(home, { plugin: [[BUILT_PLUGIN, { [option]: address }]] }, configFile)
        await conversation.reload()
        const { error } = await conversation.ask(QUESTION)
        expect(error).toContain(`The plugin option ${option} "${shown}" cannot be used. Use an https:// address`)
        expect(error).not.toContain("secret-word")
      }
    })
    expect((await simulator.log()).slice(before)).toEqual([])
  })

  it("in auth-config.json or in OpenCode's settings of the provider does not change the host of the token", async ({
    simulator,
    home,
  }) => {
    await signedIn(simulator, home)
    await configure(home, { provider: { alibaba: { options: { baseURL: "https://evil.test/v1" } } } })
    const authConfig = { apiBaseUrl: "http://evil.test/v1", oauthBaseUrl: "https://evil.test" }
    await writePrivately(home.authConfigFile, authConfig)
    const before = (await simulator.log()).length
    await converse(home, async (conversation) => {
      expect((await conversation.ask(QUESTION)).text).toContain("42")
      const warning = /unknown entries in .*auth-config\.json: .*apiBaseUrl.*oauthBaseUrl/
      await expect.poll(() => openCodeLog(home)).toMatch(warning)
    })
    expect(hostsOf((await simulator.log()).slice(before))).toEqual([API_HOST])
  })
})

/** Addresses that must not get a key, with `PORT` as above. */
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

describe.skipIf(opencodeMissing)("an API key with a foreign address", () => {
  it("in OpenCode's record or in the cache of endpoints is neither sent there nor shown", async ({
    simulator,
    opencode,
    trap,
  }) => {
    const { home } = opencode
    const { key, host } = await simulator.apiKey("coding", { region: "china" })
    const endpointAt = (base: string) => {
      return { plan: "coding-plan", region: "china", baseUrl: base.replace("PORT", String(trap.port)) }
    }
    const cache = cacheFile(home, "qwen-key-endpoints.json")
    const fingerprint = createHash("sha256").update(key).digest("hex").slice(0, 32)
    await signedInWithKey(home, key, endpointAt("https://evil.test/v1"))
    const ask = async () => {
      const before = (await simulator.log()).length
      await opencode.reload()
      const { text, error } = await opencode.ask(QUESTION)
      // Background requests may follow the answer.
      await sleep(100)
      return { text: error ?? text, hosts: hostsOf((await simulator.log()).slice(before)), caught: trap.caught }
    }
    for (const base of FOREIGN_BASES) {
      await signedInWithKey(home, key, endpointAt(base))
      const text = expect.stringContaining("The address stored with the API key is not a Model Studio address.")
      const result = await ask()
      expect.soft({ base, ...result }).toEqual({ base, text, hosts: [], caught: 0 })
      expect.soft(result.text).not.toContain(key)
    }
    await writePrivately(home.authFile, { alibaba: { type: "api", key, metadata: { qwenAuth: "unresolved" } } })
    for (const base of FOREIGN_BASES.slice(0, 2)) {
      await writePrivately(cache, { [fingerprint]: endpointAt(base) })
      const { text, hosts, caught } = await ask()
      expect.soft({ base, text, caught }).toEqual({ base, text: "6 times 7 = 42", caught: 0 })
      expect.soft(hosts).toContain(host)
      expect.soft(hosts.filter((name) => !name.endsWith(".aliyuncs.com"))).toEqual([])
    }
  })
})

/** Names that every object has, one with terminal codes, an empty one, and a very long one. */
const HOSTILE_IDS = ["constructor", "__proto__", "toString", `${TERMINAL_CODES}${INVISIBLE}`, "", "x".repeat(10_000)]

describe.skipIf(opencodeMissing)("a hostile list", () => {
  it("of models in the cache does no harm", async ({ simulator, home }) => {
    const { base_url: baseUrl } = await signedInToPlan(simulator, home, "coding")
    await writePrivately(cacheFile(home, "qwen-models.json"), {
      [baseUrl]: { fetchedAt: Date.now(), ids: [...HOSTILE_IDS, "qwen3.7-plus"] },
    })
    const { stdout, code } = await runOpenCode(home, ["models", "alibaba"])

    expect.soft(code).toBe(0)
    expect.soft(stdout).toContain("alibaba/coder-model\n")
    expect.soft(stdout.replaceAll("\n", "")).not.toMatch(UNREADABLE)
    expect.soft(stdout.length).toBeLessThan(2_000)
  })

  it("of models from the service does no harm", async ({ simulator, opencode }) => {
    const { home } = opencode
    await signedInToPlan(simulator, home, "coding")
    const data = [...HOSTILE_IDS, "qwen3.7-plus"].map((id) => ({ id }))
    await simulator.control("scenario", { answers: { planModels: { standing: { body: { object: "list", data } } } } })
    await opencode.ask(QUESTION)
    await expect.poll(() => readFile(cacheFile(home, "qwen-models.json"), "utf8")).toContain("qwen3.7-plus")
    await opencode.reload()
    expect(await opencode.ask(QUESTION)).toMatchObject({ text: "6 times 7 = 42" })
  })
})

describe.skipIf(opencodeMissing ?? (process.platform === "win32" ? "needs file modes" : undefined))("files", () => {
  it("of the plugin are readable only by their owner, with any umask", async ({ simulator, home }) => {
    const env = { ...home.env, DEBUG_QWEN_PLUGIN: "1", ENABLE_PLUGIN_REQUEST_LOGGING: "1" }
    const program = await createLauncher(home, { before: "umask 000" })
    const folder = join(home.root, "home", ".opencode")
    const existing = new Set(Object.keys(await modesBelow(folder)))
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

    // OpenCode writes its own `.gitignore` there.
    const written = Object.entries(modes).filter(([path]) => !existing.has(path) && path !== ".gitignore")
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

/** Signs in with a Qwen account, which is approved at once. */
async function signIn(simulator: Simulator, conversation: Conversation): Promise<void> {
  await simulator.control("scenario", { deviceCode: { autoApprove: true } })
  expect(await conversation.begin("account")).toBeDefined()
  expect(await conversation.finish("account")).toBe(true)
  await conversation.reload()
}

function hostsOf(requests: readonly { readonly host: string }[]): string[] {
  return [...new Set(requests.map(({ host }) => host))].sort()
}

/** Texts of a server that must not be shown unchanged. */
function hostileTexts(secret: string): string[] {
  return [
    `${TERMINAL_CODES}${FAKE}${INVISIBLE} ${secret}`,
    `Bearer ${secret} ${LONG}`,
    JSON.stringify({ authorization: `Bearer ${secret}`, url: `https://evil.test/?t=${secret}` }),
    `${"x ".repeat(85)}${secret}`,
  ]
}

async function expectReadableErrors(
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

/** Control characters and invisible ones, except U+2060, by which the plugin keeps OpenCode from retrying. */
const UNREADABLE = /(?!\u2060)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

function expectReadable(text: string | undefined, secret: string): void {
  expect(text).toBeDefined()
  expect(text).not.toMatch(UNREADABLE)
  expect(text?.length).toBeLessThan(700)
  expect(text).not.toContain(secret.slice(6, 22))
}

/** The codes that OpenCode itself sends to a terminal: colours, cursor movement, erasing, hiding and showing the cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the codes are searched for
const OPENCODES_OWN_CODES = /\u001b\[(?:(?:0|1|22|[39]\d|[39]\d;[39]\d)m|999D|J|\?25[lh])/g

function expectHarmlessTerminal(raw: string, secret?: string): void {
  const rest = raw.replace(OPENCODES_OWN_CODES, "").replaceAll("\r\n", "")
  expect(rest.replaceAll("\n", "")).not.toMatch(UNREADABLE)
  expect(raw).not.toMatch(/^\P{L}*Login successful/mu)
  // Most of the output is the spinner.
  expect(raw.length).toBeLessThan(20_000)
  if (secret !== undefined) expect(raw).not.toContain(secret.slice(6, 22))
}

function cacheFile(home: ThrowawayHome, name: string): string {
  return join(home.root, "home", ".opencode", "cache", name)
}
