import type { PluginInput } from "@opencode-ai/plugin"
import { describe, expect, it } from "vitest"
import { hostAgent, withHostAgent } from "./host-agent.ts"

const URL = "https://portal.qwen.ai/v1/chat/completions"
const SDK = "ai/6.0.168 ai-sdk/provider-utils/4.0.23 runtime/bun/1.3.14"

/** Sends a request through the fetch. Returns the sent request, and how often OpenCode's name was read. */
async function sent(
  input: string | Request,
  init: RequestInit | undefined,
  name: string | undefined = "opencode/1.18.33",
) {
  const went: Request[] = []
  let reads = 0
  const fetch = withHostAgent(
    async (...request) => {
      went.push(new Request(...request))
      return new Response()
    },
    async () => {
      reads++
      return name
    },
  )
  await fetch(input, init)
  const [request] = went
  if (request === undefined) throw new Error("expected a request")
  return { agent: request.headers.get("user-agent"), request, reads }
}

describe("the User-Agent of a request with a key", () => {
  it.each([
    ["the SDK's alone", SDK, `opencode/1.18.33 ${SDK}`],
    ["the user's own", "mine/1", "opencode/1.18.33 mine/1"],
    ["one that only looks like OpenCode's", "opencode-fork/2", "opencode/1.18.33 opencode-fork/2"],
  ])("begins with OpenCode's name and keeps %s", async (_, agent, expected) => {
    expect((await sent(URL, { headers: { "User-Agent": agent } })).agent).toBe(expected)
  })

  it("is OpenCode's name if the request has none", async () => {
    expect((await sent(URL, undefined)).agent).toBe("opencode/1.18.33")
  })

  it("is unchanged if OpenCode set it, without a request for the version", async () => {
    const agentOfHost = `opencode/1.18.33 ${SDK}`
    const { agent, reads } = await sent(URL, { headers: [["user-agent", agentOfHost]] })
    expect([agent, reads]).toEqual([agentOfHost, 0])
  })

  it("is also set for a Request, whose other headers and body stay", async () => {
    const headers = { "user-agent": SDK, "x-session-id": "ses_1" }
    const { agent, request } = await sent(new Request(URL, { method: "POST", headers, body: "{}" }), undefined)
    expect([agent, request.headers.get("x-session-id"), await request.text()]).toEqual([
      `opencode/1.18.33 ${SDK}`,
      "ses_1",
      "{}",
    ])
  })

  it("is unchanged while the version is unknown", async () => {
    const fetch = withHostAgent(
      async (_, init) => new Response(new Headers(init?.headers).get("user-agent")),
      async () => undefined,
    )
    expect(await (await fetch(URL, { headers: { "user-agent": SDK } })).text()).toBe(SDK)
  })
})

/** OpenCode's client, which answers its calls from a list. */
function hostWith(...answers: (() => unknown)[]) {
  const requests: unknown[] = []
  const client: PluginInput["client"] = Object.assign(Object.create(null), {
    path: {
      get: async (options: unknown) => {
        requests.push(options)
        return answers[requests.length - 1]?.()
      },
    },
  })
  return { requests, agent: hostAgent(client) }
}

const healthy = () => ({ data: { healthy: true, version: "1.18.33" } })

describe("OpenCode's name with its version", () => {
  it("is requested on first use, once and with a timeout", async () => {
    const { requests, agent } = hostWith(healthy)
    expect(requests).toEqual([])
    expect([await agent(), await agent()]).toEqual(["opencode/1.18.33", "opencode/1.18.33"])
    expect(requests).toEqual([{ url: "/global/health", signal: expect.any(AbortSignal) }])
  })

  it.each<[string, () => unknown]>([
    ["fails", () => Promise.reject(new Error("going down"))],
    ["has no such address", () => ({ error: {}, data: undefined })],
    ["returns something else", () => ({ data: { home: "/home/ada" } })],
    ["returns a value that is not valid in a header", () => ({ data: { version: "1\r\nX: y" } })],
  ])("is undefined while OpenCode %s, and requested again", async (_, answer) => {
    const { agent } = hostWith(answer, healthy)
    expect([await agent(), await agent()]).toEqual([undefined, "opencode/1.18.33"])
  })
})
