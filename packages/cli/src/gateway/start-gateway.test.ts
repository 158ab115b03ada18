import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { gate } from "qwen-auth-testing/gate"
import { describe, expect, it } from "vitest"
import {
  ACCOUNT,
  answersJson,
  gatewayUnderTest,
  LOCAL_KEY,
  type Service,
  TOKEN_PLAN_KEY,
} from "../testing/gateway-under-test.ts"
import { rawRequest } from "../testing/raw-request.ts"
import type { RequestRecord } from "./request-record.ts"

const CHAT = "/v1/chat/completions"
const MESSAGES = "/v1/messages"
const RESPONSES = "/v1/responses"
const HOST = "https://token-plan.ap-southeast-1.maas.aliyuncs.com"
const CODING_PLAN_KEY = {
  ...TOKEN_PLAN_KEY,
  plan: "coding-plan",
  baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
} as const

const chat = { model: "qwen3.7-plus", stream: true, messages: [{ role: "user", content: "Hello" }] }
const message = { model: "opus", max_tokens: 1_000, messages: [{ role: "user", content: "Hello" }] }

const eventStream = { "content-type": "text/event-stream" }
const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`
const piece = (content: string, finish_reason: string | null = null) =>
  event({ choices: [{ index: 0, delta: { content }, finish_reason }] })

describe("a request with the local key", () => {
  it.each([
    [RESPONSES, { model: "qwen3.7-plus", input: "Hello" }, `${HOST}/compatible-mode/v1/responses`],
    [MESSAGES, { ...message, model: "qwen3.7-plus" }, `${HOST}/apps/anthropic/v1/messages`],
  ])("to %s reaches the plan with the plan's key and an unchanged body", async (path, body, url) => {
    const service: Service = (_, response) => void response.writeHead(200, eventStream).end(piece("Hi", "stop"))
    const gateway = await gatewayUnderTest(service)
    const text = `  ${JSON.stringify(body)}\n`
    const answer = await gateway.ask(path, text)
    expect([answer.status, await answer.text()]).toEqual([200, piece("Hi", "stop")])
    const [sent] = gateway.served
    expect([sent?.url, sent?.body]).toEqual([url, text])
    expect(sent?.headers.authorization).toBe("Bearer sk-sp-key-of-the-test")
  })

  it("to the chat API follows the rules of core's fetch, and its answer is unchanged", async () => {
    const gateway = await gatewayUnderTest((_, response) => {
      response.writeHead(200, eventStream).end(piece("Hi", "stop"))
    })
    expect(await (await gateway.ask(CHAT, chat)).text()).toBe(piece("Hi", "stop"))
    const [sent] = gateway.served
    expect(sent?.url).toBe(`${HOST}/compatible-mode/v1/chat/completions`)
    expect(sent?.headers.authorization).toBe("Bearer sk-sp-key-of-the-test")
    expect(JSON.parse(sent?.body ?? "")).toMatchObject({ model: "qwen3.7-plus", stream: true })
    expect(sent?.body).toContain("Hello")
  })

  it("can have the key in x-api-key", async () => {
    const gateway = await gatewayUnderTest()
    const { status } = await gateway.ask("/v1/models", undefined, {
      headers: { authorization: "", "x-api-key": LOCAL_KEY },
    })
    expect(status).toBe(200)
  })

  it("keeps its own User-Agent and other headers, without the local key, cookies and those of the connection", async () => {
    const gateway = await gatewayUnderTest()
    await gateway.ask(`${MESSAGES}?beta=true`, message, {
      headers: {
        "user-agent": "claude-cli/2.0 (external, cli)",
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "tools-2024",
        "x-session-id": "7",
        "x-custom": `Bearer ${LOCAL_KEY}`,
        "x-api-key": LOCAL_KEY,
        cookie: "a=b",
        te: "trailers",
        "proxy-authorization": "Basic eDp5",
        "x-forwarded-for": "10.0.0.1",
      },
    })
    const [sent] = gateway.served
    expect(sent?.url).toBe(`${HOST}/apps/anthropic/v1/messages?beta=true`)
    expect(sent?.headers).toMatchObject({
      "user-agent": "claude-cli/2.0 (external, cli)",
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "tools-2024",
      "x-session-id": "7",
      "content-type": "application/json",
    })
    expect(JSON.stringify(sent)).not.toContain(LOCAL_KEY)
    for (const name of ["cookie", "te", "proxy-authorization", "x-forwarded-for", "x-custom", "x-api-key"])
      expect(sent?.headers).not.toHaveProperty(name)
  })

  it("gets the service's headers, without those of the connection and cookies", async () => {
    const gateway = await gatewayUnderTest(
      answersJson({ id: "1" }, 200, { "x-request-id": "r1", "set-cookie": "a=b", "access-control-allow-origin": "*" }),
    )
    const { headers } = await gateway.ask(RESPONSES, chat)
    expect([...headers.keys()].filter((name) => !["connection", "date", "keep-alive"].includes(name))).toEqual([
      "content-type",
      "transfer-encoding",
      "x-request-id",
    ])
  })
})

describe("an answer", () => {
  it("arrives word by word, with usage, cache counts and thoughts as the service sent them", async () => {
    const next = gate()
    const parts = [
      event({ choices: [{ index: 0, delta: { reasoning_content: "hm" } }] }),
      piece("Hi", "stop"),
      event({ choices: [], usage: { prompt_tokens: 9, prompt_tokens_details: { cached_tokens: 8 } } }),
    ]
    const gateway = await gatewayUnderTest(async (_, response) => {
      response.writeHead(200, eventStream).write(parts[0])
      await next.promise
      response.end((parts[1] ?? "") + parts[2])
    })
    const reader = (await gateway.ask(CHAT, chat)).body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toBe(parts[0])
    next.open()
    let rest = ""
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) rest += part.value
    expect(rest).toBe((parts[1] ?? "") + parts[2])
  })

  it("breaks off for the client when it breaks off at the service", async () => {
    const gateway = await gatewayUnderTest((_, response) => {
      response.writeHead(200, eventStream).write(piece("Hi"))
      setTimeout(() => response.destroy(), 20)
    })
    await expect((await gateway.ask(CHAT, chat)).text()).rejects.toThrow()
  })

  it("is cancelled when the client leaves", async () => {
    const closed = gate()
    const gateway = await gatewayUnderTest((_, response) => {
      response.once("close", () => closed.open())
      response.writeHead(200, eventStream).write(piece("Hi"))
    })
    const leaving = new AbortController()
    const answer = await gateway.ask(CHAT, chat, { signal: leaving.signal })
    await answer.body?.getReader().read()
    leaving.abort()
    await closed.promise
  })

  it("is cancelled before it begins when the client leaves", async () => {
    const [arrived, closed] = [gate(), gate()]
    const gateway = await gatewayUnderTest((_, response) => {
      response.once("close", () => closed.open())
      arrived.open()
    })
    const leaving = new AbortController()
    const request = gateway.ask(RESPONSES, chat, { signal: leaving.signal }).catch(() => {})
    await arrived.promise
    leaving.abort()
    await Promise.all([closed.promise, request])
  })

  it("waits for a client that does not read", async () => {
    const megabytes = 64
    let written = 0
    const gateway = await gatewayUnderTest(async (_, response) => {
      response.writeHead(200, eventStream)
      const part = piece("x".repeat(1_000_000))
      for (; written < megabytes && !response.destroyed; written++) {
        if (!response.write(part)) await once(response, "drain").catch(() => {})
      }
    })
    const answer = await gateway.ask(RESPONSES, chat)
    let before = -1
    while (before !== written) {
      before = written
      await sleep(150)
    }
    expect(written).toBeLessThan(megabytes / 2)
    await answer.body?.cancel()
  })

  it("ends after the idle time: with 504 before its start, cut afterwards", async () => {
    const silent = await gatewayUnderTest(() => {}, { limits: { idleMs: 60 } })
    const refused = await silent.ask(MESSAGES, message)
    expect([refused.status, await refused.json()]).toMatchObject([504, { error: { type: "timeout_error" } }])
    const stuck = await gatewayUnderTest(
      (_, response) => void response.writeHead(200, eventStream).write(piece("Hi")),
      {
        limits: { idleMs: 60 },
      },
    )
    await expect((await stuck.ask(CHAT, chat)).text()).rejects.toThrow()
  })

  it("is cut after the total time", async () => {
    const gateway = await gatewayUnderTest(
      (_, response) => {
        response.writeHead(200, eventStream)
        const timer = setInterval(() => response.write(piece("Hi")), 10)
        response.once("close", () => clearInterval(timer))
      },
      { limits: { totalMs: 1_000 } },
    )
    await expect((await gateway.ask(CHAT, chat)).text()).rejects.toThrow()
  })

  it("gets comments while it is silent, between events only", async () => {
    const gateway = await gatewayUnderTest(
      async (_, response) => {
        response.writeHead(200, eventStream).write(piece("Hi"))
        await sleep(100)
        response.write('data: {"half":')
        await sleep(100)
        response.end("1}\n\n")
      },
      { keepAliveMs: 25 },
    )
    const text = await (await gateway.ask(RESPONSES, chat)).text()
    expect(text).toMatch(/^data: .*\n\n(: keep-alive\n\n)+data: \{"half":1\}\n\n$/)
  })
})

describe("an error of the service", () => {
  const refusal = answersJson({ error: { code: "invalid_parameter", message: "Range of input length is 9" } }, 400)

  it("is explained in OpenAI's format to OpenAI's clients", async () => {
    const gateway = await gatewayUnderTest(refusal)
    const answer = await gateway.ask(CHAT, chat)
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: "context_length_exceeded" } }])
  })

  it("is explained in Anthropic's format to Anthropic's clients, with the phrase that makes Claude Code compact", async () => {
    const gateway = await gatewayUnderTest(refusal)
    const answer = await gateway.ask(MESSAGES, message)
    expect([answer.status, await answer.json()]).toEqual([
      400,
      {
        type: "error",
        error: {
          type: "invalid_request_error",
          message: expect.stringMatching(/^prompt is too long: The conversation is too long for the model\. /),
        },
      },
    ])
  })

  it("says how long to wait", async () => {
    const gateway = await gatewayUnderTest(answersJson({ code: "Throttling.RateQuota" }, 429, { "retry-after": "7" }))
    const answer = await gateway.ask(MESSAGES, message)
    expect([answer.headers.get("retry-after"), await answer.json()]).toMatchObject([
      "7",
      { error: { type: "rate_limit_error" } },
    ])
  })
})

describe("a path that the sign-in does not have", () => {
  it.each([
    [ACCOUNT, MESSAGES, { type: "error", error: { type: "not_found_error" } }],
    [ACCOUNT, RESPONSES, { error: { code: "endpoint_not_available" } }],
    [CODING_PLAN_KEY, RESPONSES, { error: { code: "endpoint_not_available" } }],
  ])("is one clear error in the client's format (%#)", async (stored, path, document) => {
    const gateway = await gatewayUnderTest(undefined, { stored })
    const answer = await gateway.ask(path, path === MESSAGES ? message : chat)
    const body = await answer.json()
    expect([answer.status, body]).toMatchObject([404, document])
    expect(JSON.stringify(body)).toMatch(/does not have .* API\. Use OpenAI's chat completions/)
    expect(gateway.served).toEqual([])
  })
})

describe("the gateway itself", () => {
  it("answers with the list of models and their limits", async () => {
    const gateway = await gatewayUnderTest()
    const list: unknown = await (await gateway.ask("/v1/models")).json()
    expect(list).toMatchObject({ object: "list" })
    expect(list).toHaveProperty(
      "data",
      expect.arrayContaining([
        expect.objectContaining({
          id: "qwen3.7-plus",
          object: "model",
          context_length: 1_000_000,
          max_input_tokens: 983_616,
          max_output_tokens: 65_536,
        }),
      ]),
    )
    expect(gateway.served).toEqual([])
  })

  it("answers with the number of tokens", async () => {
    const gateway = await gatewayUnderTest()
    const answer = await gateway.ask(`${MESSAGES}/count_tokens?beta=true`, message)
    expect(await answer.json()).toEqual({ input_tokens: expect.any(Number) })
    expect(gateway.served).toEqual([])
  })

  it("answers a health check without the key", async () => {
    const gateway = await gatewayUnderTest()
    const answer = await fetch(`${gateway.origin}/healthz`)
    expect([answer.status, await answer.json()]).toEqual([200, { status: "ok" }])
  })
})

describe("a Messages request", () => {
  it("reaches the plan with the plan's model instead of a Claude name", async () => {
    const gateway = await gatewayUnderTest(undefined, { aliases: new Map([["opus", "qwen3.8-max"]]) })
    for (const model of ["claude-opus-4-6", "claude-sonnet-4-5-20250929", "qwen3.6-plus"])
      await gateway.ask(MESSAGES, { ...message, model })
    expect(gateway.served.map(({ body }) => JSON.parse(body).model)).toEqual([
      "qwen3.8-max",
      "qwen3.7-plus",
      "qwen3.6-plus",
    ])
  })
})

describe("the record of a request", () => {
  it("contains path, model, status and tokens, and nothing of the body", async () => {
    const records: RequestRecord[] = []
    const service = answersJson({ choices: [{}], usage: { prompt_tokens: 12, completion_tokens: 34 } })
    const gateway = await gatewayUnderTest(service, { onRequest: (record) => void records.push(record) })
    await (await gateway.ask(`${CHAT}?token=secret`, { ...chat, stream: false })).text()
    await (await gateway.ask("/secret")).text()
    await expect.poll(() => records.length).toBe(2)
    expect(records).toMatchObject([
      { method: "POST", path: CHAT, model: "qwen3.7-plus", status: 200, usage: { input: 12, output: 34 } },
      { method: "GET", path: undefined, model: undefined, status: 404, usage: undefined },
    ])
    expect(JSON.stringify(records)).not.toMatch(/Hello|secret/)
  })
})

describe("a gateway that stops", () => {
  it("lets a running answer end, and accepts no new request", async () => {
    const next = gate()
    const gateway = await gatewayUnderTest(async (_, response) => {
      response.writeHead(200, eventStream).write(piece("Hi"))
      await next.promise
      response.end(piece("", "stop"))
    })
    const answer = await gateway.ask(CHAT, chat)
    // Longer than the test: it does not wait for the connection, which the client keeps.
    const closed = gateway.close(60_000)
    await expect(fetch(`${gateway.origin}/healthz`)).rejects.toThrow()
    next.open()
    expect(await answer.text()).toBe(piece("Hi") + piece("", "stop"))
    await closed
  })

  it("cuts an answer that takes too long, and cancels it at the service", async () => {
    const cancelled = gate()
    const gateway = await gatewayUnderTest((_, response) => {
      response.once("close", () => cancelled.open())
      response.writeHead(200, eventStream).write(piece("Hi"))
    })
    const answer = await gateway.ask(CHAT, chat)
    await gateway.close(20)
    await expect(answer.text()).rejects.toThrow()
    await cancelled.promise
  })

  it("leaves its port free", async () => {
    const { port, close } = await gatewayUnderTest()
    await close()
    const next = await gatewayUnderTest(undefined, { port })
    expect(next.port).toBe(port)
  })

  it("does not start on a port in use", async () => {
    const { port } = await gatewayUnderTest()
    await expect(gatewayUnderTest(undefined, { port })).rejects.toMatchObject({ code: "EADDRINUSE" })
  })
})

it("answers bytes that are not HTTP with a status, and continues", async () => {
  const gateway = await gatewayUnderTest()
  expect((await rawRequest(gateway.port, "hello\r\n\r\n")).status).toBe(400)
  expect((await gateway.ask("/v1/models")).status).toBe(200)
})
