import * as fc from "fast-check"
import { always } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { oauthRequestBody } from "./request-body.ts"

const CACHE = { cache_control: { type: "ephemeral" } }
const USER = { role: "user", content: "hello" }
const TOOLS = [{ type: "function", function: { name: "write", parameters: {} } }]

const body = (fields: Record<string, unknown>) =>
  oauthRequestBody({ model: "coder-model", messages: [USER], ...fields })
const messages = (...incoming: unknown[]) => body({ messages: incoming })["messages"]
const system = (...texts: string[]) => ({
  role: "system",
  content: texts.map((text, index) => ({ type: "text", text, ...(index === texts.length - 1 ? CACHE : {}) })),
})

describe("the model", () => {
  it.each([
    ["qwen3-coder-plus", "coder-model"],
    ["coder-model", "coder-model"],
    ["gpt-5", "coder-model"],
    ["qwen3-vl-plus", "vision-model"],
    ["vision-model", "vision-model"],
    [undefined, "coder-model"],
    [7, "coder-model"],
  ])("%j is sent as %s", (model, sent) => {
    expect(body({ model })["model"]).toBe(sent)
  })
})

describe("the system message", () => {
  const marked = (role: string, count: number) => ({
    role,
    content: Array.from({ length: count }, () => ({ type: "text", text: "x", ...CACHE })),
  })

  it.each([
    ["several system messages with marks", [marked("system", 3), marked("developer", 3), USER], 1],
    ["three other marks of the caller", [USER, marked("user", 3)], 4],
    ["four other marks of the caller", [USER, marked("user", 4)], 4],
  ])("brings a request with %s to at most four marks", (_, incoming, count) => {
    expect(JSON.stringify(messages(...incoming)).match(/ephemeral/g)).toHaveLength(count)
  })

  it("is in parts, the last marked for the prompt cache", () => {
    expect(messages({ role: "system", content: "Be brief." }, USER)).toEqual([system("Be brief."), USER])
  })

  it("is one of several, in their order", () => {
    const incoming = [
      { role: "system", content: "One." },
      USER,
      { role: "system", content: [{ type: "text", text: "Two." }] },
    ]
    expect(messages(...incoming)).toEqual([system("One.", "Two."), USER])
  })

  it("is what a developer says", () => {
    expect(messages({ role: "developer", content: "One." }, { role: "system", content: "Two." }, USER)).toEqual([
      system("One.", "Two."),
      USER,
    ])
  })

  it("comes first", () => {
    expect(messages(USER, { role: "system", content: "Late." })).toEqual([system("Late."), USER])
  })

  it.each([
    ["none is there", [USER]],
    ["it is empty", [{ role: "system", content: "" }, USER]],
    ["it has no parts", [{ role: "system", content: [] }, USER]],
    ["it has no content", [{ role: "system" }, USER]],
    ["it is null", [{ role: "system", content: null }, USER]],
  ])("is a neutral one when %s", (_, incoming) => {
    expect(messages(...incoming)).toEqual([system("You are a helpful assistant."), USER])
  })

  it("keeps what its parts carry", () => {
    const part = { type: "text", text: "One.", extra: 1 }
    expect(messages({ role: "system", content: [part] })).toEqual([
      { role: "system", content: [{ ...part, ...CACHE }] },
    ])
  })

  it("leaves all other messages as they are", () => {
    const others = [
      { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }] },
      { role: "assistant", content: null, tool_calls: [{ id: "1" }], reasoning_content: "hm" },
      { role: "tool", tool_call_id: "1", content: "ok" },
    ]
    expect(messages(...others)).toEqual([system("You are a helpful assistant."), ...others])
  })
})

describe("tools", () => {
  it("are left out when there are none, with what speaks of them", () => {
    const sent = body({ tools: [], tool_choice: "auto", parallel_tool_calls: true })
    expect(sent).not.toHaveProperty("tools")
    expect(sent).not.toHaveProperty("tool_choice")
    expect(sent).not.toHaveProperty("parallel_tool_calls")
  })

  it("are not chosen by force when there are none", () => {
    expect(body({ tools: [], tool_choice: "required" })).not.toHaveProperty("tool_choice")
  })

  it("stay as they are", () => {
    expect(body({ tools: TOOLS, tool_choice: "auto" })).toMatchObject({ tools: TOOLS, tool_choice: "auto" })
  })

  it.each([
    ["required", "auto"],
    [{ type: "function", function: { name: "write" } }, "auto"],
    ["auto", "auto"],
    ["none", "none"],
  ])("tool_choice %j is sent as %j while thinking may be on", (tool_choice, sent) => {
    expect(body({ tools: TOOLS, tool_choice })["tool_choice"]).toEqual(sent)
    expect(body({ tools: TOOLS, tool_choice, enable_thinking: true })["tool_choice"]).toEqual(sent)
    expect(body({ tool_choice })["tool_choice"]).toEqual(sent)
  })

  it("tool_choice is kept when thinking is off", () => {
    expect(body({ tools: TOOLS, tool_choice: "required", enable_thinking: false })["tool_choice"]).toBe("required")
  })
})

describe("other fields", () => {
  it.each(["reasoning", "reasoning_effort", "reasoningEffort"])("%s is not known there and left out", (name) => {
    expect(body({ [name]: "high" })).not.toHaveProperty(name)
  })

  it.each([
    ["coder-model", "max_tokens", 65_536, 65_536],
    ["coder-model", "max_tokens", 65_537, 65_536],
    ["coder-model", "max_tokens", 1_000_000, 65_536],
    ["coder-model", "max_completion_tokens", 128_000, 65_536],
    ["vision-model", "max_tokens", 65_536, 8_192],
    ["qwen3-vl-plus", "max_tokens", 32_768, 8_192],
    ["coder-model", "max_tokens", 100, 100],
    ["coder-model", "max_tokens", null, null],
  ])("%s: %s %j is sent as %j", (model, name, incoming, sent) => {
    expect(body({ model, [name]: incoming })[name]).toBe(sent)
  })

  it("max_tokens is not added", () => {
    expect(body({})).not.toHaveProperty("max_tokens")
  })

  it("a stream includes its usage in the last chunk", () => {
    expect(body({ stream: true })["stream_options"]).toEqual({ include_usage: true })
    expect(body({ stream: true, stream_options: { other: 1 } })["stream_options"]).toEqual({
      other: 1,
      include_usage: true,
    })
    expect(body({ stream: false })).not.toHaveProperty("stream_options")
    expect(body({})).not.toHaveProperty("stream_options")
  })

  it("images are seen in full resolution by the vision model only", () => {
    expect(body({ model: "vision-model" })["vl_high_resolution_images"]).toBe(true)
    expect(body({})).not.toHaveProperty("vl_high_resolution_images")
  })

  it("fields without a rule are kept", () => {
    const others = {
      temperature: 0.2,
      top_p: 0.9,
      seed: 1,
      stop: ["x"],
      response_format: { type: "json_object" },
      x: null,
    }
    expect(body(others)).toMatchObject(others)
  })

  it("messages that are no list are the service's to refuse", () => {
    expect(oauthRequestBody({ messages: "hello" })).toEqual({ model: "coder-model", messages: "hello" })
  })
})

describe("whatever is asked, the rules hold", () => {
  const content = fc.oneof(
    fc.string(),
    fc.constant(null),
    fc.array(fc.record({ type: fc.constant("text"), text: fc.string() })),
    fc.jsonValue(),
  )
  const message = fc.record({
    role: fc.constantFrom("system", "developer", "user", "assistant", "tool"),
    content,
  })
  const anyBody = fc.record(
    {
      model: fc.oneof(fc.string(), fc.constantFrom("coder-model", "qwen3-vl-plus"), fc.jsonValue()),
      messages: fc.array(fc.oneof(message, fc.jsonValue())),
      tools: fc.oneof(fc.constant([]), fc.constant(TOOLS)),
      tool_choice: fc.oneof(fc.constantFrom("auto", "none", "required"), fc.constant({ type: "function" })),
      enable_thinking: fc.boolean(),
      max_tokens: fc.oneof(fc.integer(), fc.constant(null)),
      max_completion_tokens: fc.integer(),
      reasoning_effort: fc.constant("high"),
      reasoning: fc.constant({}),
      stream: fc.boolean(),
      stream_options: fc.oneof(fc.constant(null), fc.constant({ include_usage: false })),
      temperature: fc.double(),
    },
    { requiredKeys: ["messages"] },
  )

  function brokenRules(sent: Readonly<Record<string, unknown>>): string[] {
    const list: unknown[] = Array.isArray(sent["messages"]) ? sent["messages"] : []
    const role = (item: unknown) => (typeof item === "object" && item !== null ? Reflect.get(item, "role") : undefined)
    const parts: unknown = Reflect.get(Object(list[0]), "content")
    const limit = sent["model"] === "vision-model" ? 8_192 : 65_536
    const forced = !["auto", "none", undefined].includes(
      typeof sent["tool_choice"] === "string" || sent["tool_choice"] === undefined ? sent["tool_choice"] : "object",
    )
    const rules = {
      "one of two models": sent["model"] === "coder-model" || sent["model"] === "vision-model",
      "the system message is first": role(list[0]) === "system",
      "one system message": list.filter((item) => role(item) === "system").length === 1,
      "no developer": !list.some((item) => role(item) === "developer"),
      "in parts": Array.isArray(parts) && parts.length > 0,
      "marked for the cache": Array.isArray(parts) && Reflect.get(Object(parts.at(-1)), "cache_control") !== undefined,
      "no empty tools": !Array.isArray(sent["tools"]) || sent["tools"].length > 0,
      "no forced choice": !forced || sent["enable_thinking"] === false,
      "no reasoning": !Object.keys(sent).some((name) => name.startsWith("reasoning")),
      max_tokens: typeof sent["max_tokens"] !== "number" || sent["max_tokens"] <= limit,
      usage: sent["stream"] !== true || Reflect.get(Object(sent["stream_options"]), "include_usage") === true,
    }
    return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]))
  }

  it("for any request", () => {
    always(
      fc.property(anyBody, (incoming) => {
        expect(brokenRules(oauthRequestBody(incoming))).toEqual([])
      }),
    )
  })

  it("and applying them again changes nothing", () => {
    always(
      fc.property(anyBody, (incoming) => {
        const once = oauthRequestBody(incoming)
        expect(oauthRequestBody(once)).toEqual(once)
      }),
    )
  })

  it("and the caller's own object stays as it was", () => {
    always(
      fc.property(anyBody, (incoming) => {
        const before = structuredClone(incoming)
        oauthRequestBody(incoming)
        expect(incoming).toEqual(before)
      }),
    )
  })
})
