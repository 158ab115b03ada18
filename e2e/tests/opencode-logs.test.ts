import { randomBytes } from "node:crypto"
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import * as v from "valibot"
import { describe, expect } from "vitest"
import { type Conversation, converse } from "../harness/opencode/conversation.ts"
import { signInWithKey } from "../harness/opencode/key-sign-in.ts"
import { question, runOpenCode, signIn } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { createLauncher } from "../harness/opencode/opencode-launcher.ts"
import { Secrets } from "../harness/opencode/secret-search.ts"
import { openCodeInTerminal, terminalMissing } from "../harness/opencode/terminal.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it as proxied, readKeyEntry, signedInWithKey } from "../harness/opencode/with-model-studio.ts"
import { moveExpiry, readTokenFile, signedIn } from "../harness/opencode/with-opencode.ts"
import { modesBelow } from "../harness/shared/files-below.ts"
import { noticeIn } from "../harness/shared/sign-in-address.ts"
import type { LoggedRequest, Simulator } from "../harness/shared/simulator-process.ts"
import { mountSmallDisk } from "../harness/shared/small-disk.ts"

const QUESTION = "What is 6 times 7?"

/** `quiet`: a home with both logs off; `loud`: the same home with both on; `folder`: the folder of the logs. */
const it = proxied.extend<{ quiet: ThrowawayHome; loud: ThrowawayHome; folder: string }>({
  quiet: async ({ home }, use) => use(home),
  loud: async ({ home }, use) => {
    await use({ ...home, env: { ...home.env, DEBUG_QWEN_PLUGIN: "1", ENABLE_PLUGIN_REQUEST_LOGGING: "1" } })
  },
  folder: async ({ home }, use) => use(join(home.root, "home", ".opencode", "logs", "qwen-plugin")),
})

describe.skipIf(opencodeMissing)("secrets with every log on", () => {
  it("of an account are only in the two stores", async ({ simulator, loud, folder }) => {
    const secrets = new Secrets()
    secrets.add("cookie", COOKIE)
    const screen = await signedInOnScreen(simulator, loud, secrets)
    await converse(
      loud,
      async (conversation) => {
        const ask = async () => {
          const { text, error } = await conversation.ask(QUESTION)
          await secrets.addStored(loud)
          expect(secrets.in(`${text} ${error}`)).toEqual([])
          return error ?? text
        }
        expect(await ask()).toBe("6 times 7 = 42")

        await simulator.control("expire-tokens")
        expect(await ask()).toBe("6 times 7 = 42")

        await moveExpiry(loud, Date.now() - 1000)
        await simulator.control("scenario", { answers: { refresh: { queue: [{ status: 502, body: "<html>" }] } } })
        await conversation.reload()
        expect(await ask()).toBe("6 times 7 = 42")
        expect(await simulator.refreshes()).toBe(3)

        await simulator.control("scenario", { freeTier: "ended-429" })
        expect(await ask()).toContain("Alibaba ended the free Qwen OAuth tier")
        await simulator.control("scenario", { freeTier: "on" })

        const { access_token, refresh_token } = await readTokenFile(loud)
        await simulator.control("scenario", { answers: { chat: { queue: echoes(access_token) } } })
        for (const _ of echoes("")) expect(await ask()).toContain("Qwen's API refused the request")

        await refusedSignIn(simulator, conversation, secrets)

        await simulator.control("expire-tokens")
        await simulator.control("scenario", { answers: { refresh: { queue: [refusal(refresh_token)] } } })
        expect(await ask()).toContain("Token refresh failed")
        await expectEachRequestIn(folder, await simulator.log())
      },
      await createPrintingLauncher(loud),
    )
    secrets.addSent(await simulator.log())

    expect(secrets.kinds).toEqual(["code verifier", "cookie", "device code", "stored secret", "user code"])
    expect(secrets.in(screen)).toEqual(["user code"])
    expect(await secrets.inFilesOf(loud)).toEqual([])
    await expectThorough(secrets, loud, folder)
  })

  it("of keys are only in OpenCode's record", async ({ simulator, loud, folder }) => {
    const [{ key }, typed, inEnvironment] = await Promise.all([
      simulator.apiKey("coding", { region: "china" }),
      simulator.apiKey("token"),
      simulator.apiKey("token", { region: "china" }),
    ])
    const secrets = new Secrets()
    secrets.add("API key", key, typed.key, inEnvironment.key)
    secrets.add("console session", CONSOLE_SESSION)
    secrets.add("cookie", COOKIE)
    await converse(
      { ...loud, env: { ...loud.env, BAILIAN_TOKEN_PLAN_API_KEY: inEnvironment.key } },
      async (conversation) => {
        const ask = async () => {
          const { text, error } = await conversation.ask(QUESTION)
          expect(secrets.in(`${text} ${error}`)).toEqual([])
          return error ?? text
        }
        expect(await ask()).toBe("6 times 7 = 42")

        const begun = await conversation.begin("key", { key, endpoint: "detect" })
        expect(begun?.instructions).toBe("The key works: Coding Plan (China).")
        expect(await conversation.finish("key")).toBe(true)
        await conversation.reload()
        expect(await ask()).toBe("6 times 7 = 42")

        await simulator.control("scenario", { answers: { planChat: { queue: echoes(key) } } })
        for (const _ of echoes("")) expect(await ask()).toContain("Qwen's API refused the request")

        // The first endpoint in the list is the international one of the Coding Plan.
        expect(await conversation.begin("key", { key, endpoint: "0" })).toBeUndefined()

        const { base_url: baseUrl } = await simulator.apiKey("coding")
        await signedInWithKey(loud, key, { plan: "coding-plan", region: "international", baseUrl })
        await conversation.reload()
        expect(await ask()).toContain("Model Studio does not accept this key for the Coding Plan (international)")

        await signInThroughConsole(simulator, conversation, secrets)
        secrets.add("API key", (await readKeyEntry(loud)).key)
        await conversation.reload()
        expect(await ask()).toBe("6 times 7 = 42")
      },
      await createPrintingLauncher(loud),
    )
    if (terminalMissing === undefined) {
      expect((await signInWithKey(loud, { key: typed.key })).output).toContain("Login successful")
    }
    const known = secrets.kinds
    secrets.addSent(await simulator.log())

    expect(secrets.kinds).toEqual(known)
    expect(known).toEqual(["API key", "console session", "cookie", "state"])
    expect(await secrets.inFilesOf(loud)).toEqual([])
    await expectThorough(secrets, loud, folder)
  })

  it("that a server repeats are not logged with only the debug log on", async ({ simulator, quiet }) => {
    const home = { ...quiet, env: { ...quiet.env, DEBUG_QWEN_PLUGIN: "1" } }
    const tokens = { access_token: newToken(), refresh_token: newToken() }
    const secrets = new Secrets()
    secrets.add("access token", tokens.access_token)
    secrets.add("refresh token", tokens.refresh_token)
    await signedIn(simulator, home)
    await converse(
      home,
      async (conversation) => {
        const resource_url = `https://ada:${tokens.refresh_token}@evil.test/${tokens.access_token}/v1`
        await simulator.control("scenario", {
          answers: {
            refresh: { queue: [{ body: { ...tokens, resource_url } }, refusal(tokens.refresh_token)] },
            chat: { queue: [{ status: 401 }, ...echoes(tokens.access_token), { status: 401 }] },
          },
        })
        for (const _ of echoes("")) {
          expect((await conversation.ask(QUESTION)).error).toContain("Qwen's API refused the request")
        }
        expect(await readTokenFile(home)).toMatchObject({ ...tokens, resource_url })
        expect((await conversation.ask(QUESTION)).error).toContain("Token refresh failed")
        await refusedSignIn(simulator, conversation, secrets)
      },
      await createPrintingLauncher(home),
    )
    secrets.addSent(await simulator.log())

    expect(await secrets.inFilesOf(home)).toEqual([])
  })
})

describe.skipIf(opencodeMissing)("the logs", () => {
  it("are debug.log and the last 100 requests and do not change the screen; without them there is no folder", async ({
    simulator,
    quiet,
    loud,
    folder,
  }) => {
    await signedIn(simulator, quiet)
    const ask = async (home: ThrowawayHome) => {
      await simulator.control("expire-tokens")
      return runOpenCode(home, question(QUESTION))
    }
    const expected = await ask(quiet)
    expect(expected.output).toContain("42")
    await expect(stat(dirname(folder))).rejects.toThrow("ENOENT")

    await mkdir(folder, { recursive: true })
    const foreign = ["2026-01-01T00-00-00.000Z.json", "notes.json"]
    const old = Array.from({ length: 120 }, (_, n) => `2026-01-01T00-00-00.${String(n).padStart(3, "0")}Z-1-1.json`)
    for (const name of [...foreign, ...old]) await writeFile(join(folder, name), "{}")
    expect(await ask(loud)).toEqual(expected)

    const modes = await modesBelow(folder)
    const requests = Object.keys(modes).filter((name) => !foreign.includes(name) && name !== "debug.log")
    const written = [...requests.filter((name) => !old.includes(name)), "debug.log"]
    expect(written.length).toBeGreaterThan(2)
    expect(written.map((name) => modes[name])).toEqual(written.map(() => "0600"))
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect(await readFile(join(folder, "debug.log"), "utf8")).toMatch(/^\S+Z debug Refreshing the access token\. \{/m)
    expect(Object.keys(modes)).toEqual(expect.arrayContaining(foreign))
    expect(requests.length).toBeGreaterThan(95)
    expect(requests.length).toBeLessThanOrEqual(100)
  })

  it.skipIf(terminalMissing)(
    "do not delay a stream: its beginning is shown before its end is sent",
    async ({ simulator, loud, folder }) => {
      await signedIn(simulator, loud)
      const reply = `Alpha ${"and so on ".repeat(6)}Omega`
      await simulator.control("scenario", { chat: { reply, chunkDelayMs: 500 } })
      let firstSeen: string | undefined
      const args = ["--model=alibaba/coder-model", "--prompt", "Hello"]
      const { output } = await openCodeInTerminal(loud, args, [{ after: "Omega", type: CTRL_C }], (screen) => {
        if (screen.includes("Alpha")) firstSeen ??= screen
      })

      expect(firstSeen).toContain("Alpha")
      // At most a third of the stream was sent at that time.
      expect(firstSeen).not.toContain("Omega")
      expect(output).toContain("Omega")
      expect((await readdir(folder)).some((name) => name.endsWith(".json"))).toBe(true)
    },
  )

  it("do not disturb a request when they cannot be written", async ({ simulator, loud, folder }) => {
    await signedIn(simulator, loud)
    const disk = mountSmallDisk()
    try {
      await mkdir(dirname(folder), { recursive: true })
      if (disk === undefined) await writeFile(folder, "not a folder")
      else await symlink(disk.folder, folder)
      disk?.makeReadOnly()
      const { output, code } = await runOpenCode(loud, question(QUESTION))

      expect(output).toContain("42")
      expect(output).not.toMatch(/\blogs?\b/i)
      expect(code).toBe(0)
    } finally {
      disk?.remove()
    }
  })
})

const CTRL_C = "\u0003"
const PRINT_LOGS = ["--print-logs", "--log-level", "DEBUG"]

/** A text in the form of Qwen's tokens. */
function newToken(): string {
  return randomBytes(32).toString("base64url")
}

const COOKIE = newToken()
const CONSOLE_SESSION = newToken()

/** Errors of the API that repeat a secret and set a cookie. */
function echoes(secret: string): object[] {
  const headers = { "set-cookie": `acw_tc=${COOKIE}; Path=/` }
  const message = `Incorrect API key provided: ${secret}. Cookie: acw_tc=${COOKIE}`
  return [
    { status: 400, headers, body: { error: { code: secret, message } } },
    { status: 400, headers, body: `Bearer ${secret}` },
    { status: 400, headers, body: { error: { message: JSON.stringify({ authorization: `Bearer ${secret}` }) } } },
  ]
}

/** A refused refresh that repeats a secret in its description and in a field. */
function refusal(secret: string): object {
  const error_description = `The token ${secret} is unknown (${encodeURIComponent(JSON.stringify({ secret }))})`
  return { status: 400, body: { error: "invalid_grant", error_description, secret } }
}

/** Runs `opencode auth login` with OpenCode's log on the screen. Returns everything on the screen. */
async function signedInOnScreen(simulator: Simulator, home: ThrowawayHome, secrets: Secrets): Promise<string> {
  const program = await createLauncher(home, { args: PRINT_LOGS })
  const approve = async (code: string) => {
    secrets.add("user code", code)
    await simulator.control("approve", { user_code: code })
  }
  const { output } = await signIn(home, approve, { program })
  expect(output).toContain("Login successful")
  return output
}

/** Plays a sign-in that is refused with an answer that repeats the whole request. */
async function refusedSignIn(simulator: Simulator, conversation: Conversation, secrets: Secrets): Promise<void> {
  await simulator.control("scenario", { deviceCode: { autoApprove: false } })
  const before = (await simulator.log()).length
  const userCode = /\S+$/.exec((await conversation.begin("account"))?.instructions ?? "")?.[0] ?? ""
  secrets.add("user code", userCode)
  const ended = conversation.finish("account")
  const polled = async () => (await simulator.log()).slice(before).find(({ path }) => path.endsWith("/token"))
  await expect.poll(polled).toBeDefined()
  const sent = Object((await polled())?.body)
  const error_description = `${userCode} ${JSON.stringify(sent)}`
  const refused = { status: 400, body: { ...sent, error: "invalid_request", error_description } }
  await simulator.control("scenario", { answers: { token: { queue: [refused] } } })
  expect(await ended).toBe(false)
}

async function signInThroughConsole(simulator: Simulator, conversation: Conversation, secrets: Secrets): Promise<void> {
  const url = (await conversation.begin("console", { site: "international" }))?.url ?? ""
  const notice = noticeIn(url)
  secrets.add("state", /state=(\w+)/.exec(notice)?.[1])
  const ended = conversation.finish("console")
  await simulator.control("console-call", { notice, fields: { access_token: CONSOLE_SESSION } })
  expect(await ended).toBe(true)
}

/** Creates a program that starts OpenCode with its full log in a file of the home. */
function createPrintingLauncher(home: ThrowawayHome): Promise<string> {
  return createLauncher(home, { args: PRINT_LOGS, errorsTo: printed(home) })
}

function printed(home: ThrowawayHome): string {
  return join(home.root, "printed.log")
}

/** Expects that every log exists, and that the search finds each secret in a log. */
async function expectThorough(secrets: Secrets, home: ThrowawayHome, folder: string): Promise<void> {
  const opencodeLog = join(home.root, "data", "opencode", "log", "opencode.log")
  for (const log of [printed(home), opencodeLog]) expect(await readFile(log, "utf8")).toContain("qwen-auth: ")
  expect(await readFile(join(folder, "debug.log"), "utf8")).toContain("The API refused a request.")
  expect((await readdir(folder)).length).toBeGreaterThan(10)

  const planted = secrets.all.map((secret, n) => ({
    name: `planted-${n}`,
    part: secret.slice(secret.length < 32 ? 0 : 8),
  }))
  for (const { name, part } of planted) await writeFile(join(folder, name), `{"a":"…${part}"}`)
  const found = await secrets.inFilesOf(home)
  expect(found.map((finding) => /planted-\d+(?=: )/.exec(finding)?.[0]).sort()).toEqual(
    planted.map(({ name }) => name).sort(),
  )
}

/** Expects that each request has its own file with its complete content. */
async function expectEachRequestIn(folder: string, requests: readonly LoggedRequest[]): Promise<void> {
  const names = async () => (await readdir(folder)).filter((name) => name.endsWith(".json")).sort()
  await expect.poll(async () => (await names()).length).toBe(requests.length)
  const texts = await Promise.all((await names()).map((name) => readFile(join(folder, name), "utf8")))
  const logged = texts.map((text) => v.parse(RequestLog, text))
  expect(logged.map(({ method, url }) => `${method} ${url}`)).toEqual(
    requests.map(({ method, host, path }) => `${method} https://${host}${path}`),
  )
  expect(new Set(logged.map(({ response }) => response.status))).toEqual(new Set([200, 401, 502, 429, 400]))
  const answered = logged.find(
    ({ request, response }) => JSON.stringify(request.body)?.includes(QUESTION) && response.status === 200,
  )
  expect(answered?.url).toMatch(/\/chat\/completions$/)
  expect(answered?.request.body).toMatchObject({ model: "coder-model" })
  expect(answered?.response).toMatchObject({ body: expect.stringContaining("data: [DONE]"), ended: "complete" })
}

const Message = { headers: v.record(v.string(), v.string()), bytes: v.number(), body: v.optional(v.unknown()) }
const RequestLog = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    startedAt: v.pipe(v.string(), v.isoTimestamp()),
    headersMs: v.number(),
    totalMs: v.number(),
    method: v.string(),
    url: v.pipe(v.string(), v.url()),
    request: v.object(Message),
    response: v.object({ ...Message, status: v.number(), ended: v.picklist(["complete", "cancelled"]) }),
  }),
)
