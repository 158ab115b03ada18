import * as fc from "fast-check"
import { always } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { oauthRequestBody } from "./oauth-request-body.ts"

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

describe("the rule for the model", () => {
  it.each([
    ["qwen3-coder-plus", "coder-model"],
    ["coder-model", "coder-model"],
    ["gpt-5", "coder-model"],
    ["qwen3-vl-plus", "vision-model"],
    ["vision-model", "vision-model"],
    [undefined, "coder-model"],
    [7, "coder-model"],
  ])("replaces %j by %s", (model, sent) => {
    expect(body({ model })["model"]).toBe(sent)
  })
})

describe("the rules for the system message", () => {
  const marked = (role: string, count: number) => ({
    role,
    content: Array.from({ length: count }, () => ({ type: "text", text: "x", ...CACHE })),
  })

  it.each([
    ["several system messages with marks", [marked("system", 3), marked("developer", 3), USER], 1],
    ["three other marks of the caller", [USER, marked("user", 3)], 4],
    ["four other marks of the caller", [USER, marked("user", 4)], 4],
  ])("allow at most four cache marks with %s", (_, incoming, count) => {
    expect(JSON.stringify(messages(...incoming)).match(/ephemeral/g)).toHaveLength(count)
  })

  it("split it into parts, and mark the last one for the prompt cache", () => {
    expect(messages({ role: "system", content: "Be brief." }, USER)).toEqual([system("Be brief."), USER])
  })

  it("join several system messages in their order", () => {
    const incoming = [
      { role: "system", content: "One." },
      USER,
      { role: "system", content: [{ type: "text", text: "Two." }] },
    ]
    expect(messages(...incoming)).toEqual([system("One.", "Two."), USER])
  })

  it("include developer messages", () => {
    expect(messages({ role: "developer", content: "One." }, { role: "system", content: "Two." }, USER)).toEqual([
      system("One.", "Two."),
      USER,
    ])
  })

  it("move it to the beginning", () => {
    expect(messages(USER, { role: "system", content: "Late." })).toEqual([system("Late."), USER])
  })

  it.each([
    ["it is missing", [USER]],
    ["it is empty", [{ role: "system", content: "" }, USER]],
    ["it has no parts", [{ role: "system", content: [] }, USER]],
    ["it has no content", [{ role: "system" }, USER]],
    ["it is null", [{ role: "system", content: null }, USER]],
  ])("insert a neutral one if %s", (_, incoming) => {
    expect(messages(...incoming)).toEqual([system("You are a helpful assistant."), USER])
  })

  it("keep the fields of its parts", () => {
    const part = { type: "text", text: "One.", extra: 1 }
    expect(messages({ role: "system", content: [part] })).toEqual([
      { role: "system", content: [{ ...part, ...CACHE }] },
    ])
  })

  it("do not change other messages", () => {
    const others = [
      { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }] },
      { role: "assistant", content: null, tool_calls: [{ id: "1" }], reasoning_content: "hm" },
      { role: "tool", tool_call_id: "1", content: "ok" },
    ]
    expect(messages(...others)).toEqual([system("You are a helpful assistant."), ...others])
  })
})

describe("the rules for tools", () => {
  it("remove an empty list, and the fields that need tools", () => {
    const sent = body({ tools: [], tool_choice: "auto", parallel_tool_calls: true })
    expect(sent).not.toHaveProperty("tools")
    expect(sent).not.toHaveProperty("tool_choice")
    expect(sent).not.toHaveProperty("parallel_tool_calls")
  })

  it("remove a forced choice from an empty list", () => {
    expect(body({ tools: [], tool_choice: "required" })).not.toHaveProperty("tool_choice")
  })

  it("keep tools and an automatic choice", () => {
    expect(body({ tools: TOOLS, tool_choice: "auto" })).toMatchObject({ tools: TOOLS, tool_choice: "auto" })
  })

  it.each([
    ["required", "auto"],
    [{ type: "function", function: { name: "write" } }, "auto"],
    ["auto", "auto"],
    ["none", "none"],
  ])("replace the tool_choice %j by %j while thinking may be on", (tool_choice, sent) => {
    expect(body({ tools: TOOLS, tool_choice })["tool_choice"]).toEqual(sent)
    expect(body({ tools: TOOLS, tool_choice, enable_thinking: true })["tool_choice"]).toEqual(sent)
    expect(body({ tool_choice })["tool_choice"]).toEqual(sent)
  })

  it("keep tool_choice while thinking is off", () => {
    expect(body({ tools: TOOLS, tool_choice: "required", enable_thinking: false })["tool_choice"]).toBe("required")
  })
})

describe("the rules for other fields", () => {
  it.each(["reasoning", "reasoning_effort", "reasoningEffort"])("remove %s, which the route does not know", (name) => {
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
  ])("limit for %s: %s of %j becomes %j", (model, name, incoming, sent) => {
    expect(body({ model, [name]: incoming })[name]).toBe(sent)
  })

  it("do not add max_tokens", () => {
    expect(body({})).not.toHaveProperty("max_tokens")
  })

  it("request the usage in the last chunk of a stream", () => {
    expect(body({ stream: true })["stream_options"]).toEqual({ include_usage: true })
    expect(body({ stream: true, stream_options: { other: 1 } })["stream_options"]).toEqual({
      other: 1,
      include_usage: true,
    })
    expect(body({ stream: false })).not.toHaveProperty("stream_options")
    expect(body({})).not.toHaveProperty("stream_options")
  })

  it("request images in full resolution for the vision model only", () => {
    expect(body({ model: "vision-model" })["vl_high_resolution_images"]).toBe(true)
    expect(body({})).not.toHaveProperty("vl_high_resolution_images")
  })

  it("keep fields without a rule", () => {
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

  it("keep messages that are not a list, which the service refuses", () => {
    expect(oauthRequestBody({ messages: "hello" })).toEqual({ model: "coder-model", messages: "hello" })
  })
})

describe("the result for any request", () => {
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
      "no developer message": !list.some((item) => role(item) === "developer"),
      "a system message in parts": Array.isArray(parts) && parts.length > 0,
      "a cache mark on the system message":
        Array.isArray(parts) && Reflect.get(Object(parts.at(-1)), "cache_control") !== undefined,
      "no empty tools": !Array.isArray(sent["tools"]) || sent["tools"].length > 0,
      "no forced tool choice": !forced || sent["enable_thinking"] === false,
      "no reasoning fields": !Object.keys(sent).some((name) => name.startsWith("reasoning")),
      "a limited max_tokens": typeof sent["max_tokens"] !== "number" || sent["max_tokens"] <= limit,
      "usage in a stream":
        sent["stream"] !== true || Reflect.get(Object(sent["stream_options"]), "include_usage") === true,
    }
    return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]))
  }

  it("follows all rules", () => {
    always(
      fc.property(anyBody, (incoming) => {
        expect(brokenRules(oauthRequestBody(incoming))).toEqual([])
      }),
    )
  })

  it("does not change when the rules are applied again", () => {
    always(
      fc.property(anyBody, (incoming) => {
        const once = oauthRequestBody(incoming)
        expect(oauthRequestBody(once)).toEqual(once)
      }),
    )
  })

  it("leaves the caller's object unchanged", () => {
    always(
      fc.property(anyBody, (incoming) => {
        const before = structuredClone(incoming)
        oauthRequestBody(incoming)
        expect(incoming).toEqual(before)
      }),
    )
  })
})
