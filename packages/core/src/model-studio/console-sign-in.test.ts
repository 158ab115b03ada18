import { getEventListeners } from "node:events"
import { Server } from "node:http"
import { inspect } from "node:util"
import { call, exchange, isFree, type TestCall } from "qwen-auth-testing/console-client"
import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { until } from "qwen-auth-testing/gate"
import { MINUTE } from "qwen-auth-testing/samples"
import { afterEach, describe, expect, it, vi } from "vitest"
import { type ConsoleSignIn, type ConsoleSignInOptions, startConsoleSignIn } from "./console-sign-in.ts"

const CONSOLE = "https://modelstudio.console.alibabacloud.com"
/** Encodes the first random bytes of the fake platform. */
const STATE = "000102030405060708090a0b0c0d0e0f"
const MARKER = "s3cr3tmarker"
const KEY = `sk-ws-${MARKER}`
const HOST = "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"
const ENDPOINT = { plan: "pay-as-you-go", region: "international", baseUrl: HOST }
const RECEIVED_KEY = { type: "api_key", apiKey: KEY, ...ENDPOINT }
const BODY = {
  access_token: `${MARKER}-session`,
  api_key: KEY,
  base_url: HOST,
  workspace_id: "ws-1",
  console_site: "international",
  console_region: "ap-southeast-1",
}

const open: ConsoleSignIn[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((signIn) => signIn.close()))
})

async function startSignIn(options: Partial<ConsoleSignInOptions> = {}) {
  const platform = fakePlatform({ autoAdvance: false })
  const signIn = await startConsoleSignIn({ platform, site: "international", ...options })
  open.push(signIn)
  const port = Number(/127\.0\.0\.1:(\d+)\?/.exec(signIn.url)?.[1])
  /** Returns true if port and timers are released. */
  const isReleased = async () => (await isFree(port)) && platform.openWaits() === 0 && platform.beating() === 0
  return { platform, signIn, port, isReleased }
}

/** Sends the call of the console's page with replaced parts. */
const pageCalls = (port: number, { headers, ...rest }: TestCall = {}) =>
  call(port, {
    method: "POST",
    target: `/?state=${STATE}`,
    body: JSON.stringify(BODY),
    headers: { origin: CONSOLE, "content-type": "application/json", ...headers },
    ...rest,
  })

describe("the URL of a console sign-in", () => {
  it.each([
    ["international", "https://modelstudio.console.alibabacloud.com"],
    ["china", "https://bailian.console.aliyun.com"],
  ] as const)("has the official command's format for the %s console", async (site, console) => {
    const { signIn, port } = await startSignIn({ site })
    expect(signIn.url).toBe(`${console}/console-login?notice=127.0.0.1:${port}?state=${STATE}&needapikey=true`)
  })

  it("has a new state each time", async () => {
    const platform = fakePlatform({ autoAdvance: false })
    const states = await Promise.all(
      [1, 2].map(async () => {
        const signIn = await startConsoleSignIn({ platform, site: "china" })
        open.push(signIn)
        return /state=([0-9a-f]{32})&/.exec(signIn.url)?.[1]
      }),
    )
    expect(new Set(states).size).toBe(2)
    expect(states).not.toContain(undefined)
  })
})

describe("a console sign-in", () => {
  it("returns the key that the page sends after its preflight, responds OK and ends", async () => {
    const { signIn, port, isReleased } = await startSignIn()
    const key = signIn.wait()
    const preflight = await pageCalls(port, {
      method: "OPTIONS",
      target: "/",
      body: "",
      headers: {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
        "access-control-request-private-network": "true",
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get("access-control-allow-origin")).toBe(CONSOLE)
    expect(preflight.headers.get("access-control-allow-private-network")).toBe("true")
    const [answer] = await Promise.all([pageCalls(port), key])
    expect([answer.status, answer.text]).toEqual([200, "OK"])
    expect(answer.headers.get("access-control-allow-origin")).toBe(CONSOLE)
    expect(await key).toEqual(RECEIVED_KEY)
    expect(await isReleased()).toBe(true)
  })

  it("accepts the parameters in the query of a GET", async () => {
    const { signIn, port } = await startSignIn({ site: "china" })
    const target = `/?${new URLSearchParams({ state: STATE, apiKey: KEY })}`
    expect((await call(port, { target })).text).toBe("OK")
    const endpoint = {
      plan: "pay-as-you-go",
      region: "china",
      baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1",
    }
    expect(await signIn.wait()).toEqual({ type: "api_key", apiKey: KEY, ...endpoint })
  })

  it("returns the key to every wait, also to later ones", async () => {
    const { signIn, port, isReleased } = await startSignIn()
    const early = signIn.wait()
    await pageCalls(port)
    await early
    expect(await Promise.all([early, signIn.wait(), signIn.wait()])).toEqual([RECEIVED_KEY, RECEIVED_KEY, RECEIVED_KEY])
    expect(await isReleased()).toBe(true)
  })

  it.each<[string, TestCall, number]>([
    ["another state", { target: "/?state=0123456789abcdef0123456789abcdef" }, 403],
    ["no state", { target: "/" }, 403],
    ["another host name", { headers: { host: "evil.test" } }, 403],
    ["another origin", { headers: { origin: "https://evil.test" } }, 403],
    ["no origin", { headers: { origin: undefined } }, 403],
    ["too large a body", { body: `{"a":"${"a".repeat(64 * 1024)}"}` }, 413],
    ["truncated JSON", { body: '{"api_key":' }, 400],
    ["no key", { body: JSON.stringify({ ...BODY, api_key: undefined }) }, 400],
    ["an inherited key", { body: `{"__proto__":${JSON.stringify(BODY)}}` }, 400],
    ["a hostile address", { body: JSON.stringify({ ...BODY, base_url: "https://aliyuncs.com.evil.test/v1" }) }, 400],
    ["another path", { target: `/callback?state=${STATE}` }, 404],
    ["the path of a favicon", { method: "GET", target: "/favicon.ico" }, 404],
    ["another method", { method: "PUT" }, 405],
  ])("refuses a call with %s and continues to wait", async (_, changes, status) => {
    const { signIn, port } = await startSignIn()
    const answer = await pageCalls(port, changes)
    expect(answer.status).toBe(status)
    expect(answer.text.length).toBeLessThan(80)
    expect(answer.text + inspect(answer.headers)).not.toMatch(new RegExp(`${MARKER}|${STATE}|evil`))
    expect((await pageCalls(port)).status).toBe(200)
    expect(await signIn.wait()).toEqual(RECEIVED_KEY)
  })

  it("is not blocked by stalled clients", async () => {
    const { signIn, port, platform, isReleased } = await startSignIn()
    const stalled = [
      exchange(port, "POST /?sta"),
      exchange(port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"),
    ]
    await until(() => platform.openWaits() === 2)
    await pageCalls(port)
    expect(await signIn.wait()).toEqual(RECEIVED_KEY)
    expect(await Promise.all(stalled)).toEqual(["", ""])
    expect(await isReleased()).toBe(true)
  })

  it("accepts one of several keys that arrive at once", async () => {
    const { signIn, port } = await startSignIn()
    const keys = [`${KEY}-1`, `${KEY}-2`, `${KEY}-3`]
    const calls = keys.map((api_key) =>
      pageCalls(port, { body: JSON.stringify({ ...BODY, api_key }) }).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    const statuses = await Promise.all(calls)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    // The other calls were refused, or disconnected because the sign-in ended.
    expect(statuses.filter((status) => ![200, 409, 0].includes(status))).toEqual([])
    expect((await signIn.wait()).apiKey).toBe(keys[statuses.indexOf(200)])
  })

  it("closes its port after a key arrived", async () => {
    const { signIn, port } = await startSignIn()
    await pageCalls(port)
    await signIn.wait()
    await expect(pageCalls(port)).rejects.toMatchObject({ code: "ECONNREFUSED" })
  })
})

describe("a console sign-in that is not approved", () => {
  it("expires after 15 minutes", async () => {
    const { signIn, platform, isReleased } = await startSignIn()
    const outcome = failureOf(signIn.wait())
    platform.pass(15 * MINUTE - 1)
    expect(await isReleased()).toBe(false)
    platform.pass(1)
    const error = await outcome
    expect(error.code).toBe("console_sign_in_expired")
    expect(error.message).toBe("Nobody approved the sign-in in the Model Studio console in time.")
    expect(error.remedy).toContain("on this computer")
    expect(await isReleased()).toBe(true)
  })

  it("expires after a given time from its start", async () => {
    const { signIn, platform } = await startSignIn({ timeoutMs: MINUTE })
    platform.pass(MINUTE / 2)
    const outcome = failureOf(signIn.wait())
    platform.pass(MINUTE / 2)
    expect((await outcome).code).toBe("console_sign_in_expired")
    expect((await failureOf(signIn.wait())).code).toBe("console_sign_in_expired")
  })

  it("reports why calls were refused", async () => {
    const { signIn, port, platform } = await startSignIn()
    await pageCalls(port, { body: "{}" })
    await pageCalls(port, { body: "{}" })
    await pageCalls(port, { headers: { origin: "https://evil.test" } })
    const outcome = failureOf(signIn.wait())
    platform.pass(15 * MINUTE)
    expect((await outcome).message).toBe(
      "Nobody approved the sign-in in the Model Studio console in time " +
        "(a page called back, but without a key; from another site).",
    )
    expect(platform.logged.at(-1)?.fields).toEqual({ refusals: { "without a key": 2, "from another site": 1 } })
  })

  it("warns once of an address that must not receive a key", async () => {
    const { port, platform } = await startSignIn()
    const body = JSON.stringify({ ...BODY, base_url: "https://evil.test/v1" })
    for (let times = 0; times < 3; times++) await pageCalls(port, { body })
    expect(platform.logged.map(({ level }) => level)).toEqual(["warn"])
  })

  it("expires even if no caller waits, and a later wait reports it", async () => {
    const { signIn, platform, isReleased } = await startSignIn()
    await platform.beat()
    expect(await isReleased()).toBe(true)
    expect((await failureOf(signIn.wait())).code).toBe("console_sign_in_expired")
    expect(await isReleased()).toBe(true)
  })
})

describe("aborting a console sign-in", () => {
  it("before the start opens no port", async () => {
    const listen = vi.spyOn(Server.prototype, "listen")
    const start = startConsoleSignIn({ platform: fakePlatform(), site: "china", signal: AbortSignal.abort("enough") })
    expect(await failureOf(start)).toMatchObject({ code: "aborted", cause: "enough" })
    expect(listen).not.toHaveBeenCalled()
    listen.mockRestore()
  })

  it("during the start closes the port", async () => {
    const controller = new AbortController()
    const platform = fakePlatform({ autoAdvance: false })
    const start = startConsoleSignIn({ platform, site: "china", signal: controller.signal })
    controller.abort("enough")
    expect(await failureOf(start)).toMatchObject({ code: "aborted", cause: "enough" })
    expect([platform.openWaits(), platform.beating()]).toEqual([0, 0])
  })

  it("with the signal of the start ends it at any time", async () => {
    const controller = new AbortController()
    const { signIn, isReleased } = await startSignIn({ signal: controller.signal })
    const outcome = failureOf(signIn.wait())
    controller.abort("enough")
    expect(await outcome).toMatchObject({ code: "aborted", cause: "enough" })
    expect(await isReleased()).toBe(true)
  })

  it("with the signal of a wait ends it", async () => {
    const controller = new AbortController()
    const { signIn, isReleased } = await startSignIn()
    const outcome = failureOf(signIn.wait(controller.signal))
    controller.abort("enough")
    expect(await outcome).toMatchObject({ code: "aborted", cause: "enough" })
    expect(await isReleased()).toBe(true)
  })

  it("with a signal that aborted before the wait ends it", async () => {
    const { signIn, isReleased } = await startSignIn()
    expect((await failureOf(signIn.wait(AbortSignal.abort()))).code).toBe("aborted")
    expect(await isReleased()).toBe(true)
  })

  it("by closing it ends every wait, and closing twice is harmless", async () => {
    const { signIn, isReleased } = await startSignIn()
    const outcome = failureOf(signIn.wait())
    await Promise.all([signIn.close(), signIn.close()])
    expect((await outcome).code).toBe("aborted")
    expect((await failureOf(signIn.wait())).code).toBe("aborted")
    await signIn.close()
    expect(await isReleased()).toBe(true)
  })

  it("is not possible after the end, because no listeners remain", async () => {
    const [lifelong, waiting] = [new AbortController(), new AbortController()]
    const { signIn, port } = await startSignIn({ signal: lifelong.signal })
    const key = signIn.wait(waiting.signal)
    const listeners = () => [lifelong, waiting].map(({ signal }) => getEventListeners(signal, "abort").length)
    expect(listeners()).toEqual([1, 1])
    await pageCalls(port)
    await key
    expect(listeners()).toEqual([0, 0])
  })

  it("after the key arrived changes nothing", async () => {
    const controller = new AbortController()
    const { signIn, port } = await startSignIn({ signal: controller.signal })
    await pageCalls(port)
    await signIn.wait(controller.signal)
    controller.abort()
    await signIn.close()
    expect(await signIn.wait()).toEqual(RECEIVED_KEY)
  })
})

describe("a console sign-in that cannot open a port", () => {
  it("fails with the system's code and a remedy", async () => {
    const listen = vi.spyOn(Server.prototype, "listen").mockImplementation(function (this: Server) {
      setImmediate(() => this.emit("error", Object.assign(new Error("listen EACCES"), { code: "EACCES" })))
      return this
    })
    const platform = fakePlatform({ autoAdvance: false })
    const error = await failureOf(startConsoleSignIn({ platform, site: "china" }))
    listen.mockRestore()
    expect(error.code).toBe("console_sign_in_failed")
    expect(error.message).toContain("EACCES")
    expect(error.remedy).toContain("API key")
    expect([platform.openWaits(), platform.beating()]).toEqual([0, 0])
  })
})

describe("key, session and state are not revealed", () => {
  /** Returns everything that a user, a log or a debugger can see before redaction. */
  const seen = (...values: unknown[]) => inspect(values, { depth: 10, showHidden: true })
  const secrets = new RegExp(`${MARKER}|${STATE}`)
  const calls: TestCall[] = [
    { body: JSON.stringify({ ...BODY, api_key: undefined }) },
    { body: JSON.stringify({ ...BODY, api_key: `${MARKER} ${KEY}` }) },
    { body: JSON.stringify({ ...BODY, base_url: `https://${MARKER}:${KEY}@${MARKER}.evil.test/${KEY}` }) },
    { body: `{"api_key":"${KEY}` },
    { body: `${KEY}${"a".repeat(64 * 1024)}` },
    { target: `/${KEY}?state=${STATE}&access_token=${MARKER}` },
    { target: `/?state=${MARKER}`, headers: { origin: `https://${MARKER}.evil.test` } },
    { headers: { host: `${MARKER}.evil.test`, authorization: `Bearer ${MARKER}` } },
    { method: "PUT", headers: { cookie: MARKER } },
  ]

  it("by a sign-in that expires after invalid calls", async () => {
    const { signIn, port, platform } = await startSignIn()
    const answers = []
    for (const wrong of calls) answers.push(await pageCalls(port, wrong))
    await exchange(port, `GET /?state=${STATE}&api_key=${KEY} JUNK\r\n\r\n`)
    const outcome = failureOf(signIn.wait())
    platform.pass(15 * MINUTE)
    const error = await outcome
    expect(error.code).toBe("console_sign_in_expired")
    expect(platform.logged.length).toBeGreaterThan(0)
    expect(seen(answers, error, error.sentence, platform.logged)).not.toMatch(secrets)
  })

  it("by a client that disconnects during its request", async () => {
    const { signIn, port, platform } = await startSignIn()
    const broken = exchange(
      port,
      `POST /?state=${STATE} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 999\r\n\r\n${KEY}`,
    )
    await until(() => platform.openWaits() === 1)
    platform.pass(10_000)
    await broken
    await pageCalls(port)
    await signIn.wait()
    expect(seen(platform.logged)).not.toMatch(secrets)
  })

  it("by a successful sign-in, except for the key in its result", async () => {
    const { signIn, port, platform } = await startSignIn()
    const answer = await pageCalls(port)
    const key = await signIn.wait()
    expect(seen(answer, platform.logged)).not.toMatch(secrets)
    expect(seen(key)).not.toMatch(new RegExp(`${MARKER}-session|${STATE}`))
    expect(signIn.url).not.toContain(MARKER)
  })
})
