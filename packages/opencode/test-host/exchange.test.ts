import { gate } from "qwen-auth-testing/gate"
import { describe, expect, test } from "vitest"
import { newest } from "./behaviour.ts"
import { bodyOf, CHAT, CODER, hooks, refusal, replies, signedIn, stream } from "./plugin-fixture.ts"
import type { HookEvent } from "./types.ts"

const ok = async () => stream("hello")

describe("http.request", () => {
  test("sees bytes, and what it sets is sent: URL, method, headers and body", async () => {
    const replace = async (event: HookEvent) => {
      const body = await event.request.clone().json()
      const headers = new Headers(event.request.headers)
      headers.set("content-length", "1")
      event.request = new Request("https://qwen.test/v2", {
        method: "PUT",
        headers,
        body: JSON.stringify({ ...Object(body), extra: true }),
      })
    }
    const { host } = await signedIn(hooks(["http.request", replace]), { fetch: ok })
    await host.prompt("s", "hi", CODER)
    expect(host.requests[0]).toMatchObject({ url: "https://qwen.test/v2", method: "PUT" })
    expect(host.requests[0]?.headers.has("content-length")).toBe(false)
    expect(bodyOf(host)).toMatchObject({ model: "qwen3-coder-plus", extra: true })
  })

  test("that uses up the body fails the request", async () => {
    const { host } = await signedIn(hooks(["http.request", async ({ request }) => void (await request.text())]), {
      fetch: ok,
    })
    expect((await host.prompt("s", "hi", CODER)).error).toMatchObject({ type: "unknown", retryable: false })
    expect(host.requests).toHaveLength(0)
  })

  test("that throws fails the request with its message, without a retry", async () => {
    const fails = () => {
      throw new Error("our message")
    }
    const { host } = await signedIn(hooks(["http.request", fails]), { fetch: ok })
    expect((await host.prompt("s", "hi", CODER)).error).toMatchObject({ type: "unknown", message: "our message" })
  })

  test.each([
    ["never-aborts", false],
    ["aborts", true],
  ] as const)("has a signal that %s with an interrupted turn", async (requestSignal, aborted) => {
    const interrupt = new AbortController()
    const reached = gate()
    let request: Request | undefined
    let ended = false
    const { host } = await signedIn(
      hooks([
        "http.request",
        (event) => {
          request = event.request
        },
      ]),
      {
        fetch: (_, init) =>
          new Promise((_resolve, reject) => {
            reached.open()
            init?.signal?.addEventListener("abort", () => {
              ended = true
              reject(init.signal?.reason)
            })
          }),
        behaviour: { ...newest, requestSignal },
      },
    )
    const result = host.prompt("s", "hi", { ...CODER, signal: interrupt.signal })
    await reached.promise
    interrupt.abort()
    expect((await result).error?.type).toBe("interrupted")
    expect(request?.signal.aborted).toBe(aborted)
    // The host's own fetch ends in any case.
    expect(ended).toBe(true)
  })
})

describe("http.response", () => {
  test.each([
    ["used", "ours"],
    ["ignored", "theirs"],
  ] as const)("sets a response that is %s", async (replacedResponse, text) => {
    const { host } = await signedIn(
      hooks([
        "http.response",
        (event) => {
          event.response = stream("ours")
        },
      ]),
      {
        fetch: async () => stream("theirs"),
        behaviour: { ...newest, replacedResponse },
      },
    )
    expect((await host.prompt("s", "hi", CODER)).text).toBe(text)
  })

  test("can send its request again, because the host has sent a clone", async () => {
    const bodies: string[] = []
    const replay = async (event: HookEvent) => {
      bodies.push(await event.request.text())
      event.response = stream("replayed")
    }
    const { host } = await signedIn(hooks(["http.response", replay]), { fetch: async () => refusal(401, {}) })
    expect((await host.prompt("s", "hi", CODER)).text).toBe("replayed")
    expect(bodies).toEqual([host.requests[0]?.body])
  })

  test("that uses up the body without a replacement fails the request", async () => {
    const { host } = await signedIn(hooks(["http.response", async ({ response }) => void (await response.text())]), {
      fetch: ok,
    })
    expect((await host.prompt("s", "hi", CODER)).error).toMatchObject({ type: "unknown", retryable: false })
  })

  test.each([
    ["fetched", "owned", undefined],
    ["refused", "", "transport"],
  ] as const)("owns the whole exchange by a data: URL that is %s", async (dataUrls, text, type) => {
    const own = new WeakMap<Request, Request>()
    const setup = hooks(
      [
        "http.request",
        (event) => {
          const marker = new Request("data:application/json,{}")
          own.set(marker, event.request)
          event.request = marker
        },
      ],
      [
        "http.response",
        async (event) => {
          const body = await own.get(event.request)?.text()
          event.response = stream(body?.includes('"model":"qwen3-coder-plus"') === true ? "owned" : "lost")
        },
      ],
    )
    const { host } = await signedIn(setup, { fetch: ok, behaviour: { ...newest, dataUrls } })
    const result = await host.prompt("s", "hi", CODER)
    expect([result.text, result.error?.type]).toEqual([text, type])
    expect(new Set(host.requests.map(({ url }) => url))).toEqual(new Set(["data:application/json,{}"]))
  })
})

describe("redirects", () => {
  const redirect = (status: number, location: string) => new Response(null, { status, headers: { location } })

  test.each<[string, string, string | null, string]>([
    ["another host: without Authorization, with the body", "https://else.test/x", null, "https://else.test/x"],
    ["the same host: with both", "/x", "Bearer sk-test", "https://dashscope-intl.aliyuncs.com/x"],
  ])("go to %s", async (_, location, authorization, url) => {
    const setup = hooks([
      "http.request",
      (event) => {
        event.request = new Request(event.request, { redirect: "error" })
      },
    ])
    const { host } = await signedIn(setup, {
      fetch: replies(
        () => redirect(307, location),
        () => stream("hello"),
      ),
    })
    expect((await host.prompt("s", "hi", CODER)).text).toBe("hello")
    const [first, second] = host.requests
    expect(second).toMatchObject({ url, method: "POST", body: first?.body })
    expect(second?.headers.get("authorization")).toBe(authorization)
  })

  test("with 302 lose method and body", async () => {
    const fetch = replies(
      () => redirect(302, "https://else.test/"),
      () => stream("hello"),
    )
    const { host } = await signedIn(() => {}, { fetch })
    await host.prompt("s", "hi", CODER)
    expect(host.requests[1]).toMatchObject({ method: "GET", body: "" })
  })

  test("are returned where the host's fetch does not follow", async () => {
    const statuses: number[] = []
    const { host } = await signedIn(hooks(["http.response", ({ response }) => void statuses.push(response.status)]), {
      fetch: async () => redirect(307, "https://else.test/"),
      behaviour: { ...newest, redirects: "returned" },
    })
    await host.prompt("s", "hi", CODER)
    expect(new Set(statuses)).toEqual(new Set([307]))
    expect(host.requests.every(({ url }) => url === CHAT)).toBe(true)
  })
})
