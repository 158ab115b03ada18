import * as fc from "fast-check"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { always } from "qwen-auth-testing/properties"
import { bodyOf } from "qwen-auth-testing/streams"
import { describe, expect, it } from "vitest"
import type { BodyRules } from "./body-rules.ts"
import { parseFetchArguments } from "./incoming-request.ts"
import { OAUTH_BODY_RULES, oauthRequestBody } from "./oauth-request-body.ts"
import { PreparedBodies } from "./prepared-bodies.ts"

const CHAT_URL = "https://api.test/v1/chat/completions"
const CHAT = { model: "qwen3-coder-plus", messages: [{ role: "user", content: "hello" }], stream: true }
const BODY = JSON.stringify(CHAT)

type Body = NonNullable<RequestInit["body"]>

/** Reads the body of a request. */
function read(bodies: PreparedBodies, body: Body | null, url = CHAT_URL) {
  return bodies.read({ url: new URL(url), init: { method: "POST", body } })
}

/** Prepares bodies for an account from the first request on. */
const accountBodies = () => new PreparedBodies(fakePlatform(), OAUTH_BODY_RULES)

/** The rules of a route that changes nothing. */
const NO_RULES: BodyRules = { id: "none", apply: (body) => body }
/** The rules of a route that streams every response. */
const STREAMED: BodyRules = { id: "streamed", apply: (body) => ({ ...body, stream: true }) }

const formats: [string, (text: string) => Body][] = [
  ["a string", (text) => text],
  ["bytes", (text) => new TextEncoder().encode(text)],
  ["a stream", (text) => bodyOf(text)],
]

describe("an unprepared chat request", () => {
  it.each(formats)("follows the body rules when it is sent as %s, and names the requested model", async (_, as) => {
    const body = accountBodies().read(await parseFetchArguments(CHAT_URL, { method: "POST", body: as(BODY) }))
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(CHAT)))
    expect(body.model()).toBe("qwen3-coder-plus")
  })

  it("is sent unchanged if no rule applies", () => {
    expect(read(accountBodies(), ` ${BODY}\n`).forRoute(NO_RULES).text).toBeUndefined()
  })

  it("is recognised with any base URL and with a query", () => {
    const body = read(accountBodies(), BODY, "https://api.test/compatible-mode/v1/chat/completions?x=1")
    expect(body.model()).toBe("qwen3-coder-plus")
  })

  it("is recognised when it is an empty object", () => {
    const body = read(accountBodies(), "{}")
    expect([body.forRoute(OAUTH_BODY_RULES).text, body.forRoute(NO_RULES).text, body.model()]).toEqual([
      '{"model":"coder-model"}',
      undefined,
      undefined,
    ])
  })

  it.each([7, null, ["qwen3-coder-plus"], { id: "qwen3-coder-plus" }])(
    "names no model when the field is %j",
    (model) => {
      expect(read(accountBodies(), JSON.stringify({ model })).model()).toBeUndefined()
    },
  )
})

describe("a body that is not a chat request", () => {
  it.each([
    ["cut JSON", CHAT_URL, BODY.slice(0, -3)],
    ["a list", CHAT_URL, "[]"],
    ["an empty string", CHAT_URL, ""],
    ["no body", CHAT_URL, null],
    ["a form", CHAT_URL, new URLSearchParams({ model: "qwen3-coder-plus" })],
    ["a request for embeddings", "https://api.test/v1/embeddings", BODY],
    ["a request for models", "https://api.test/v1/models", BODY],
    ["a path that continues", "https://api.test/v1/chat/completions/1", BODY],
    ["a query that looks like the path", "https://api.test/v1/x?/chat/completions", BODY],
  ])("is not changed: %s", (_, url, sent) => {
    const body = read(accountBodies(), sent, url)
    expect([body.forRoute(OAUTH_BODY_RULES).text, body.forRoute(NO_RULES).text, body.model()]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe("a prepared chat request", () => {
  it.each(formats)("is unwrapped exactly when it is sent as %s", async (_, as) => {
    const bodies = accountBodies()
    const marked = JSON.stringify(bodies.prepare(CHAT))
    const body = bodies.read(await parseFetchArguments(CHAT_URL, { method: "POST", body: as(marked) }))
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(CHAT)))
    expect(body.model()).toBe("qwen3-coder-plus")
  })

  it("is unwrapped by the marker at both ends, without parsing", () => {
    const bodies = accountBodies()
    const wrapped = JSON.stringify(bodies.prepare({ model: "coder-model", content: "x" })).replace('"x"', "not JSON")
    expect(read(bodies, wrapped).forRoute(OAUTH_BODY_RULES).text).toBe('{"model":"coder-model","content":not JSON}')
  })

  it.each([
    'quo"ted',
    'ends","model":"glm-5',
    "back\\slash",
    "com,ma",
    "br}ace",
    "100%",
    "%22",
    "%E4%F6",
    "new\nline",
    "nu\u0000l",
    "通义千问",
    "é\u0301",
    "🤖",
    "\u2028",
    " ",
    "alibaba/qwen3-vl-plus",
    "__proto__",
  ])("names the requested model %j", (model) => {
    const bodies = accountBodies()
    const body = read(bodies, JSON.stringify(bodies.prepare({ ...CHAT, model })))
    expect(body.model()).toBe(model)
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody({ ...CHAT, model })))
  })

  it.each([{}, { model: 7 }, { messages: [] }])("names no model when it is %j", (incoming) => {
    const bodies = accountBodies()
    const body = read(bodies, JSON.stringify(bodies.prepare(incoming)))
    expect(body.model()).toBeUndefined()
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(incoming)))
  })

  it("is never sent with its marker", () => {
    const bodies = accountBodies()
    const body = read(bodies, JSON.stringify(bodies.prepare(CHAT)))
    expect(body.forRoute(NO_RULES).text).toBe(BODY)
  })

  it("follows the rules of the route that it takes, even if it was prepared for another", () => {
    const bodies = accountBodies()
    const original = { ...CHAT, tools: [], reasoning_effort: "high" }
    const body = read(bodies, JSON.stringify(bodies.prepare(original)))
    expect(body.forRoute(STREAMED).text).toBe(JSON.stringify(original))
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(original)))
    expect(body.forRoute(NO_RULES).text).toBe(JSON.stringify(original))
  })

  it("is prepared for the route that the last request took", () => {
    const bodies = accountBodies()
    read(bodies, BODY).forRoute(NO_RULES)
    expect(Object.keys(bodies.prepare(CHAT))[0]).toMatch(/^prepared-[0-9a-f]{32}$/)
    expect(bodies.prepare(CHAT)["body"]).toBe(CHAT)
  })

  it("is not changed before the first request", () => {
    expect(new PreparedBodies(fakePlatform()).prepare(CHAT)).toBe(CHAT)
  })

  it("can be read twice, and after the caller's own body is forgotten", () => {
    const bodies = accountBodies()
    const original = { ...CHAT, model: "glm-5" }
    const wrapped = JSON.stringify(bodies.prepare(original))
    expect([read(bodies, wrapped).model(), read(bodies, wrapped).model()]).toEqual(["glm-5", "glm-5"])
    for (let count = 0; count < 20; count++) bodies.prepare(CHAT)
    const forgotten = read(bodies, wrapped)
    expect(forgotten.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(original)))
    expect(JSON.parse(forgotten.forRoute(NO_RULES).text ?? "")).toEqual(oauthRequestBody(original))
  })

  it.each([
    [undefined, true],
    [false, true],
    [true, false],
  ])("with stream %s and rules that stream has joins %s", (stream, joins) => {
    const bodies = accountBodies()
    const original = { ...CHAT, stream }
    const plain = read(bodies, JSON.stringify(original))
    expect(plain.forRoute(STREAMED).joins).toBe(joins)
    const prepared = read(bodies, JSON.stringify(bodies.prepare(original)))
    expect([prepared.forRoute(STREAMED).joins, prepared.wantsStream()]).toEqual([joins, !joins])
    expect(prepared.forRoute(NO_RULES).joins).toBe(false)
  })

  it("does not change the caller's own object", () => {
    const incoming = structuredClone(CHAT)
    accountBodies().prepare(incoming)
    expect(incoming).toEqual(CHAT)
  })
})

describe("the marker", () => {
  it("is random, so that no other body can look like a prepared one", () => {
    const platform = fakePlatform()
    const first = new PreparedBodies(platform, OAUTH_BODY_RULES)
    const second = new PreparedBodies(platform, OAUTH_BODY_RULES)
    const body = read(first, JSON.stringify(second.prepare(CHAT)))
    expect(body.forRoute(NO_RULES).text).toBeUndefined()
    expect(body.model()).toBeUndefined()
  })

  it.each(['{"prepared-', '{"prepared-":"a","model":"b"}', `{"prepared-${"0".repeat(32)}":"`])(
    "is not found in a similar text: %s",
    (text) => {
      expect(read(accountBodies(), text).forRoute(NO_RULES).text).toBeUndefined()
    },
  )

  it("is not found inside a message", () => {
    const bodies = accountBodies()
    const wrapped = JSON.stringify(bodies.prepare(CHAT))
    const quoted = JSON.stringify({ model: "glm-5", messages: [{ role: "user", content: wrapped }] })
    expect(read(bodies, quoted).model()).toBe("glm-5")
    expect(JSON.parse(read(bodies, quoted).forRoute(OAUTH_BODY_RULES).text ?? "").messages[1].content).toBe(wrapped)
  })
})

describe("any body", () => {
  const name = fc.string({ unit: "binary" })
  const model = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(..."\"\\,}{:%'") }))
  const message = fc.record({
    role: fc.constantFrom("system", "developer", "user"),
    content: fc.string({ unit: "binary" }),
  })
  const fields = fc.record(
    {
      model: fc.oneof(model, fc.jsonValue()),
      messages: fc.oneof(fc.array(message), fc.jsonValue()),
      tools: fc.array(fc.jsonValue()),
      stream: fc.boolean(),
      max_tokens: fc.integer(),
    },
    { requiredKeys: [] },
  )
  const anyBody = fc.tuple(fc.dictionary(name, fc.jsonValue()), fields).map(([rest, known]) => ({ ...rest, ...known }))
  const bodies = accountBodies()

  it("is sent as the same text whether it was prepared or is parsed", () => {
    always(
      fc.property(anyBody, (incoming) => {
        const text = JSON.stringify(incoming)
        const [prepared, parsed] = [read(bodies, JSON.stringify(bodies.prepare(incoming))), read(bodies, text)]
        expect(prepared.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(incoming)))
        expect(prepared.forRoute(OAUTH_BODY_RULES).text).toBe(parsed.forRoute(OAUTH_BODY_RULES).text)
      }),
      500,
    )
  })

  it("names the requested model", () => {
    always(
      fc.property(anyBody, (incoming) => {
        const requested = typeof incoming.model === "string" ? incoming.model : undefined
        expect(read(bodies, JSON.stringify(bodies.prepare(incoming))).model()).toBe(requested)
      }),
      500,
    )
  })
})

describe("a prepared body whose wrapper was changed", () => {
  // JavaScript puts names that are whole numbers first, and a host may have serialised with spaces.
  it.each([
    ["with a number as a name", { 0: 1 }, (wrapped: object) => JSON.stringify({ ...wrapped, 0: 1 })],
    ["with another field", { user: "me" }, (wrapped: object) => JSON.stringify({ ...wrapped, user: "me" })],
    ["as an indented text", {}, (wrapped: object) => JSON.stringify(wrapped, undefined, 2)],
  ])("is unwrapped on each route, %s", (_, added, serialise) => {
    const bodies = accountBodies()
    const body = read(bodies, serialise(bodies.prepare(CHAT)))
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody({ ...CHAT, ...added })))
    expect(body.forRoute(NO_RULES).text).toBe(JSON.stringify({ ...CHAT, ...added }))
  })
})
