import { afterAll, beforeAll, expect, it } from "vitest"
import type { Gateway } from "../../packages/cli/src/gateway/start-gateway.ts"
import { rawRequest } from "../../packages/cli/src/testing/raw-request.ts"
import { gatewayToSimulator, LOCAL_KEY } from "../harness/gateway/gateway-to-simulator.ts"
import { seededRandom } from "../harness/processes/seeded-random.ts"
import { trials } from "../harness/processes/trials.ts"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"

const MAX_BODY = 50_000
const AT_ONCE = 50

let simulator: SimulatorProcess
let gateway: Gateway
beforeAll(async () => {
  simulator = await startSimulator()
  const limits = { bodyBytes: MAX_BODY, headersMs: 1_000, requestMs: 1_500 }
  gateway = await gatewayToSimulator(simulator, "token", { limits })
})
afterAll(async () => {
  await gateway?.close(0)
  simulator?.stop()
})

/** A request, and the statuses that refuse it. `undefined`: the connection is closed without a status. */
interface Attack {
  readonly bytes: Buffer
  readonly expected: readonly (number | undefined)[]
  readonly end?: boolean
}

type Random = () => number

const KEY = `authorization: Bearer ${LOCAL_KEY}`
const GOOD_BODY = JSON.stringify({ model: "qwen3.7-plus", messages: [{ role: "user", content: "hostile" }] })
const PATHS = ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/messages/count_tokens"]

function pick<T>(random: Random, values: readonly [T, ...T[]]): T {
  return values[Math.floor(random() * values.length)] ?? values[0]
}

function garbage(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
}

/** A valid request with some changes. */
function request(change: { line?: string; host?: string; head?: readonly string[]; body?: string | Buffer }): Buffer {
  const { line = `POST ${PATHS[0]} HTTP/1.1`, host = `127.0.0.1:${gateway.port}`, head, body = GOOD_BODY } = change
  const lines = [line, `host: ${host}`, ...(head ?? [KEY, `content-length: ${Buffer.byteLength(body)}`])]
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body)])
}

const ATTACKS: readonly [(random: Random) => Attack, ...((random: Random) => Attack)[]] = [
  // Missing and wrong keys.
  (random) => {
    const key = pick(random, [
      [],
      ["authorization: Bearer"],
      [`authorization: Bearer ${LOCAL_KEY.slice(0, Math.floor(random() * LOCAL_KEY.length))}`],
      [`authorization: Bearer ${garbage(random, 20).toString("hex")}`],
      [`x-api-key: ${LOCAL_KEY}${Math.floor(random() * 10)}`],
      [`cookie: key=${LOCAL_KEY}`],
    ])
    const line = `POST ${pick(random, ["/v1/models", ...PATHS])}?key=${LOCAL_KEY} HTTP/1.1`
    return { bytes: request({ line, head: [...key, `content-length: ${GOOD_BODY.length}`] }), expected: [401] }
  },
  // Other hosts, and requests of web pages.
  (random) => {
    const names = [
      "evil.example",
      "127.0.0.1.evil.example",
      "localhost@evil.example",
      "127.0.0.1",
      "[::ffff:127.0.0.1]",
    ]
    const host = `${pick(random, ["0.0.0.0", ...names])}${pick(random, ["", ":80", `:${gateway.port + 1}`])}`
    return { bytes: request({ host }), expected: [403] }
  },
  (random) => {
    const origin = pick(random, [
      "null",
      "https://evil.example",
      `http://127.0.0.1:${gateway.port}`,
      "http://localhost",
    ])
    const line = `${pick(random, ["POST", "GET", "OPTIONS"])} ${pick(random, ["/healthz", ...PATHS])} HTTP/1.1`
    const head = [KEY, `origin: ${origin}`, `content-length: ${GOOD_BODY.length}`]
    return { bytes: request({ line, head }), expected: [403] }
  },
  // Too large.
  (random) => {
    const head = pick(random, [
      [KEY, `content-length: ${MAX_BODY + 1 + Math.floor(random() * 1e12)}`],
      [KEY, "transfer-encoding: chunked"],
    ])
    const body = `${(MAX_BODY + 1).toString(16)}\r\n${"x".repeat(MAX_BODY + 1)}\r\n`
    return { bytes: request({ head, body }), expected: [413] }
  },
  (random) => {
    const head = [KEY, `x-a: ${"a".repeat(33_000 + Math.floor(random() * 30_000))}`]
    return { bytes: request({ head }), expected: [431, undefined] }
  },
  // Half-sent and slow.
  (random) => {
    const whole = request({})
    return {
      bytes: whole.subarray(0, Math.floor(random() * (whole.length - 1))),
      expected: [400, 408, undefined],
      end: true,
    }
  },
  // Lengths that two programs read differently.
  (random) => {
    const head = pick(random, [
      ["content-length: 4", "transfer-encoding: chunked"],
      ["transfer-encoding: chunked", "content-length: 4"],
      ["content-length: 2", `content-length: ${3 + Math.floor(random() * 50)}`],
      ["content-length: 2,2"],
      [`content-length: -${Math.floor(random() * 9)}`],
      ["content-length: 1e2"],
      ["transfer-encoding: gzip, chunked"],
      ["transfer-encoding: chunked, chunked"],
      ["transfer-encoding : chunked"],
      ["transfer-encoding:\u000bchunked"],
      ["content-length: 2\u0000"],
    ])
    return {
      bytes: request({ head: [KEY, ...head], body: "0\r\n\r\nGET /v1/models HTTP/1.1\r\n\r\n" }),
      expected: [400],
    }
  },
  // Invalid UTF-8, invalid JSON, deeply nested JSON.
  (random) => {
    const line = `POST ${pick(random, ["/v1/messages", ...PATHS])} HTTP/1.1`
    const body = pick<() => Buffer>(random, [
      () => Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
      () => Buffer.concat([Buffer.from([0xff, 0xfe]), garbage(random, Math.floor(random() * 200))]),
      () => Buffer.from(`{"model":${"[".repeat(257 + Math.floor(random() * 10_000))}`),
      () => Buffer.from(`${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`),
      () => Buffer.from(GOOD_BODY.slice(0, -1 - Math.floor(random() * 20))),
      () => Buffer.from(pick(random, ["", "null", "[]", '"text"', "NaN", "{'a':1}", "{}{}"])),
    ])()
    return { bytes: request({ line, body }), expected: [400] }
  },
  // Path tricks.
  (random) => {
    const path = pick(random, PATHS as [string, ...string[]])
    const target = pick(random, [
      `/${path}`,
      `${path}/`,
      `/v1/..${path}`,
      `/x/..${path}`,
      path.replace("/v1", "/v1/."),
      path.replace("v", "%76"),
      path.replaceAll("/", "%2f"),
      path.replaceAll("/", "\\"),
      `${path}%00`,
      `${path};x`,
      path.toUpperCase(),
      `http://evil.example${path}`,
      `//evil.example${path}`,
      `/${garbage(random, 12).toString("hex")}`,
    ])
    return { bytes: request({ line: `POST ${target} HTTP/1.1` }), expected: [400, 404] }
  },
  // Bytes that are not a request.
  (random) => {
    const line = pick(random, [
      "POST /v1/chat/completions HTTP/9.9",
      "POST /v1/chat/completions",
      "TRACK / HTTP/1.1",
      "CONNECT evil.example:443 HTTP/1.1",
      "PRI * HTTP/2.0",
    ])
    return { bytes: request({ line }), expected: [400] }
  },
  (random) => ({
    bytes: Buffer.concat([garbage(random, 1 + Math.floor(random() * 300)), Buffer.from("\r\n\r\n")]),
    expected: [400, undefined],
    end: true,
  }),
  (random) => ({
    bytes: request({ line: `${pick(random, ["PUT", "DELETE", "PATCH", "GET"])} ${PATHS[0]} HTTP/1.1` }),
    expected: [405],
  }),
]

it("refuses hostile requests with the right status, reveals nothing, forwards nothing and keeps working", async () => {
  const random = seededRandom(7)
  const before = (await simulator.log()).length
  const count = trials(600, 10_000)
  const wrong: string[] = []
  let next = 0
  const attacker = async () => {
    while (next < count) {
      const attack = (ATTACKS[next++ % ATTACKS.length] ?? ATTACKS[0])(random)
      const { status, text } = await rawRequest(gateway.port, attack.bytes, { end: attack.end ?? false })
      const reveals = text.includes(LOCAL_KEY) || text.includes("sk-") || /\bat .*:\d+:\d+/.test(text)
      if (reveals || !attack.expected.includes(status))
        wrong.push(`${status}: ${attack.bytes.toString("latin1", 0, 300)}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, attacker))
  expect(wrong).toEqual([])
  expect((await simulator.log()).length).toBe(before)

  const headers = { authorization: `Bearer ${LOCAL_KEY}` }
  const answer = await fetch(`${gateway.origin}/v1/chat/completions`, { method: "POST", headers, body: GOOD_BODY })
  expect(answer.status).toBe(200)
})

it("does not wait for clients that stop in the middle", async () => {
  const before = (await simulator.log()).length
  const parts = [
    request({ head: [KEY, "content-length: 500"] }),
    Buffer.from("POST /v1/messages HTTP/1.1\r\nhost: 127"),
  ]
  const answers = await Promise.all(
    Array.from({ length: trials(20, 200) }, (_, index) => rawRequest(gateway.port, parts[index % 2] ?? "")),
  )
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([408]))
  expect((await simulator.log()).length).toBe(before)
})
