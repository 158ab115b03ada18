import * as fc from "fast-check"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { always } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import type { BodyRules } from "./body-rules.ts"
import { parseFetchArguments } from "./incoming-request.ts"
import { PreparedBodies } from "./prepared-bodies.ts"
import { OAUTH_BODY_RULES, oauthRequestBody } from "./request-body.ts"

const CHAT_URL = "https://api.test/v1/chat/completions"
const CHAT = { model: "qwen3-coder-plus", messages: [{ role: "user", content: "hello" }], stream: true }
const BODY = JSON.stringify(CHAT)

type Body = NonNullable<RequestInit["body"]>

/** What a text means to `bodies`, as a caller's body. */
function read(bodies: PreparedBodies, body: Body | null, url = CHAT_URL) {
  return bodies.read({ url: new URL(url), headers: undefined, signal: undefined, init: { method: "POST", body } })
}

/** Bodies that are prepared for an account from the start. */
const someBodies = () => new PreparedBodies(fakePlatform(), OAUTH_BODY_RULES)

/** The rules of a route that changes nothing. */
const NO_RULES: BodyRules = { id: "none", apply: (body) => body }
/** The rules of a route that always streams. */
const STREAMED: BodyRules = { id: "streamed", apply: (body) => ({ ...body, stream: true }) }

function streamOf(text: string): ReadableStream<Uint8Array> {
  return new Blob([text]).stream()
}

const ways: [string, (text: string) => Body][] = [
  ["a text", (text) => text],
  ["bytes", (text) => new TextEncoder().encode(text)],
  ["a stream", streamOf],
]

describe("an unprepared chat request", () => {
  it.each(ways)("follows the body rules when it came as %s, and names the model that was asked for", async (_, as) => {
    const body = someBodies().read(await parseFetchArguments(CHAT_URL, { method: "POST", body: as(BODY) }))
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(CHAT)))
    expect(body.model()).toBe("qwen3-coder-plus")
  })

  it("is to be sent as it is where no rules apply", () => {
    expect(read(someBodies(), ` ${BODY}\n`).forRoute(NO_RULES).text).toBeUndefined()
  })

  it("is one below any base and with a query", () => {
    const body = read(someBodies(), BODY, "https://api.test/compatible-mode/v1/chat/completions?x=1")
    expect(body.model()).toBe("qwen3-coder-plus")
  })

  it("is one, too, when it asks for nothing", () => {
    const body = read(someBodies(), "{}")
    expect([body.forRoute(OAUTH_BODY_RULES).text, body.forRoute(NO_RULES).text, body.model()]).toEqual([
      '{"model":"coder-model"}',
      undefined,
      undefined,
    ])
  })

  it.each([7, null, ["qwen3-coder-plus"], { id: "qwen3-coder-plus" }])("names no model when that is %j", (model) => {
    expect(read(someBodies(), JSON.stringify({ model })).model()).toBeUndefined()
  })
})

describe("a body that is not a chat request", () => {
  it.each([
    ["cut JSON", CHAT_URL, BODY.slice(0, -3)],
    ["a list", CHAT_URL, "[]"],
    ["an empty text", CHAT_URL, ""],
    ["no body", CHAT_URL, null],
    ["a form", CHAT_URL, new URLSearchParams({ model: "qwen3-coder-plus" })],
    ["the embeddings'", "https://api.test/v1/embeddings", BODY],
    ["the models'", "https://api.test/v1/models", BODY],
    ["what only ends like it", "https://api.test/v1/chat/completions/1", BODY],
    ["what has it in the query", "https://api.test/v1/x?/chat/completions", BODY],
  ])("is left alone: %s", (_, url, given) => {
    const body = read(someBodies(), given, url)
    expect([body.forRoute(OAUTH_BODY_RULES).text, body.forRoute(NO_RULES).text, body.model()]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe("a prepared chat request", () => {
  it.each(ways)("has its mark taken off again exactly, when it comes as %s", async (_, as) => {
    const bodies = someBodies()
    const marked = JSON.stringify(bodies.prepare(CHAT))
    const body = bodies.read(await parseFetchArguments(CHAT_URL, { method: "POST", body: as(marked) }))
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(CHAT)))
    expect(body.model()).toBe("qwen3-coder-plus")
  })

  it("starts with the marker, so that it is recognised without parsing", () => {
    const bodies = someBodies()
    const [mark = "", next] = Object.keys(bodies.prepare(CHAT))
    expect(mark).toMatch(/^prepared-[0-9a-f]{32}$/)
    expect(next).toBe("model")
    const cut = JSON.stringify(bodies.prepare(CHAT)).slice(0, -1)
    expect(read(bodies, cut).forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(CHAT)).slice(0, -1))
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
  ])("names the model %j as it was asked for", (model) => {
    const bodies = someBodies()
    const body = read(bodies, JSON.stringify(bodies.prepare({ ...CHAT, model })))
    expect(body.model()).toBe(model)
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody({ ...CHAT, model })))
  })

  it.each([{}, { model: 7 }, { messages: [] }])("of %j names no model", (incoming) => {
    const bodies = someBodies()
    const body = read(bodies, JSON.stringify(bodies.prepare(incoming)))
    expect(body.model()).toBeUndefined()
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(incoming)))
  })

  it("is never sent with its marker, whatever the route", () => {
    const bodies = someBodies()
    const body = read(bodies, JSON.stringify(bodies.prepare(CHAT)))
    expect(body.forRoute(NO_RULES).text).toBe(BODY)
  })

  it("follows the rules of the route that is taken, whatever it was prepared for", () => {
    const bodies = someBodies()
    const given = { ...CHAT, tools: [], reasoning_effort: "high" }
    const body = read(bodies, JSON.stringify(bodies.prepare(given)))
    expect(body.forRoute(STREAMED).text).toBe(JSON.stringify(given))
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(given)))
    expect(body.forRoute(NO_RULES).text).toBe(JSON.stringify(given))
  })

  it("is prepared for the route that the last request took", () => {
    const bodies = someBodies()
    read(bodies, BODY).forRoute(NO_RULES)
    const [mark = "", ...rest] = Object.keys(bodies.prepare(CHAT))
    expect(mark).toMatch(/^prepared-/)
    expect(rest).toEqual(Object.keys(CHAT))
  })

  it("stays as it is while no route was taken", () => {
    expect(new PreparedBodies(fakePlatform()).prepare(CHAT)).toBe(CHAT)
  })

  it("is right, too, when it is read twice, or so late that the caller's own body is forgotten", () => {
    const bodies = someBodies()
    const marked = JSON.stringify(bodies.prepare({ ...CHAT, model: "glm-5" }))
    for (let more = 0; more < 20; more++) bodies.prepare(CHAT)
    for (let time = 0; time < 2; time++) {
      const body = read(bodies, marked)
      expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody({ ...CHAT, model: "glm-5" })))
      expect(JSON.parse(body.forRoute(NO_RULES).text ?? "")).toMatchObject({ model: "glm-5", stream: true })
    }
  })

  it.each([
    [undefined, true],
    [false, true],
    [true, false],
  ])("whose stream is %s is joined if the rules stream it: %s", (stream, joins) => {
    const bodies = someBodies()
    const given = { ...CHAT, stream }
    const plain = read(bodies, JSON.stringify(given))
    expect(plain.forRoute(STREAMED).joins).toBe(joins)
    const prepared = read(bodies, JSON.stringify(bodies.prepare(given)))
    expect([prepared.forRoute(STREAMED).joins, prepared.wantsStream()]).toEqual([joins, !joins])
    expect(prepared.forRoute(NO_RULES).joins).toBe(false)
  })

  it("leaves the caller's own object as it was", () => {
    const incoming = structuredClone(CHAT)
    someBodies().prepare(incoming)
    expect(incoming).toEqual(CHAT)
  })
})

describe("the marker", () => {
  it("is random, so that no other body can look like a prepared one", () => {
    const platform = fakePlatform()
    const mine = new PreparedBodies(platform, OAUTH_BODY_RULES)
    const other = new PreparedBodies(platform, OAUTH_BODY_RULES)
    const foreign = JSON.stringify(other.prepare({ ...CHAT, model: "qwen3-vl-plus" }))
    const body = read(mine, foreign)
    expect(body.forRoute(NO_RULES).text).toBeUndefined()
    expect(body.model()).toBe("vision-model")
    expect(body.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(JSON.parse(foreign))))
  })

  it.each(['{"prepared-', '{"prepared-":"a","model":"b"}', `{"prepared-${"0".repeat(32)}":"`])(
    "is not what only looks like one: %s",
    (text) => {
      expect(read(someBodies(), text).forRoute(NO_RULES).text).toBeUndefined()
    },
  )

  it("is recognised only at the beginning", () => {
    const bodies = someBodies()
    const marked = JSON.stringify(bodies.prepare(CHAT))
    const quoted = JSON.stringify({ model: "glm-5", messages: [{ role: "user", content: marked }] })
    expect(read(bodies, quoted).model()).toBe("glm-5")
    expect(JSON.parse(read(bodies, quoted).forRoute(OAUTH_BODY_RULES).text ?? "").messages[1].content).toBe(marked)
  })
})

describe("whatever is asked", () => {
  // JSON puts names like "7" first, before the mark: no chat request has such.
  const name = fc.string({ unit: "binary" }).filter((text) => !/^\d+$/.test(text))
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
  const bodies = someBodies()

  it("a prepared body goes out as the same text as one that is parsed here", () => {
    always(
      fc.property(anyBody, (incoming) => {
        const given = JSON.stringify(incoming)
        const [marked, parsed] = [read(bodies, JSON.stringify(bodies.prepare(incoming))), read(bodies, given)]
        expect(marked.forRoute(OAUTH_BODY_RULES).text).toBe(JSON.stringify(oauthRequestBody(incoming)))
        expect(marked.forRoute(OAUTH_BODY_RULES).text).toBe(parsed.forRoute(OAUTH_BODY_RULES).text)
      }),
      500,
    )
  })

  it("the model that is named is the one that was asked for", () => {
    always(
      fc.property(anyBody, (incoming) => {
        const named = typeof incoming.model === "string" && incoming.model !== "" ? incoming.model : undefined
        expect(read(bodies, JSON.stringify(bodies.prepare(incoming))).model()).toBe(named)
      }),
      500,
    )
  })
})

describe("a marker that is not the first field", () => {
  // JavaScript puts names that are whole numbers first, and a host may have serialised with spaces.
  it.each([
    ["behind a number", (marked: object) => JSON.stringify({ ...marked, 0: 1 })],
    ["in an indented text", (marked: object) => JSON.stringify(marked, undefined, 2)],
  ])("%s is taken off all the same, on each route", (_, serialised) => {
    const bodies = someBodies()
    const text = serialised(bodies.prepare(CHAT))
    expect(text).toContain("prepared-")
    const body = read(bodies, text)
    expect(body.forRoute(OAUTH_BODY_RULES).text).not.toContain("prepared-")
    expect(body.forRoute(NO_RULES).text).not.toContain("prepared-")
  })
})

it("a model's name that is no text that can be encoded does not disturb the host", () => {
  const bodies = someBodies()
  expect(read(bodies, JSON.stringify(bodies.prepare({ ...CHAT, model: "a\ud800" }))).model()).toBe("a\ufffd")
})
