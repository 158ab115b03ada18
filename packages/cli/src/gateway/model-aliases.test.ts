import { PLANS } from "qwen-auth-core/internal"
import { describe, expect, it } from "vitest"
import { ACCOUNT, TOKEN_PLAN_KEY } from "../testing/gateway-under-test.ts"
import { gatewayModels, modelList } from "./gateway-models.ts"
import { messagesBody } from "./messages-body.ts"
import { parseAliases, resolveModel } from "./model-aliases.ts"

const OFFERED = gatewayModels(TOKEN_PLAN_KEY)
const NONE = new Map<string, string>()

describe("resolveModel", () => {
  it.each([
    ["opus", "qwen3.7-plus"],
    ["sonnet", "qwen3.7-plus"],
    ["haiku", "qwen3.8-flash"],
    ["claude-opus-4-6", "qwen3.7-plus"],
    ["claude-opus-4-6[1m]", "qwen3.7-plus"],
    ["claude-sonnet-4-5-20250929", "qwen3.7-plus"],
    ["claude-3-5-haiku-latest", "qwen3.8-flash"],
    ["Claude-3-Haiku", "qwen3.8-flash"],
    ["anthropic/claude-haiku-4.5", "qwen3.8-flash"],
    ["claude-next", "qwen3.7-plus"],
    ["qwen3.8-max", "qwen3.8-max"],
    ["qwen3.8-max[1m]", "qwen3.8-max"],
    ["glm-5", "glm-5"],
    ["my-opus", "my-opus"],
    ["claudette", "claudette"],
    ["", ""],
  ])("maps %s to the plan's %s", (name, model) => {
    expect(resolveModel(name, NONE, OFFERED)).toBe(model)
  })

  it("applies the user's choices, a full name before its family", () => {
    const parsed = parseAliases(["opus=qwen3.8-max", "claude-opus-4-5=glm-5", "haiku=qwen3.6-flash"])
    const choices = "choices" in parsed ? parsed.choices : NONE
    const names = ["opus", "claude-opus-4-6", "claude-opus-4-5", "haiku", "sonnet"]
    expect(names.map((name) => resolveModel(name, choices, OFFERED))).toEqual([
      "qwen3.8-max",
      "qwen3.8-max",
      "glm-5",
      "qwen3.6-flash",
      "qwen3.7-plus",
    ])
  })

  it("accepts one model for all families", () => {
    expect(parseAliases(["glm-5"])).toEqual({
      choices: new Map([
        ["opus", "glm-5"],
        ["sonnet", "glm-5"],
        ["haiku", "glm-5"],
      ]),
    })
  })

  it.each(["", "opus=", "=glm-5", "opus=a b", "a=b=c", 'opus="x"'])("refuses --model %j", (value) => {
    expect(parseAliases(["glm-5", value])).toEqual({ invalid: value })
  })
})

describe("gatewayModels", () => {
  it.each(PLANS)("includes the models of the aliases: $id", ({ id: plan, endpoints: [endpoint] }) => {
    if (endpoint === undefined) throw new Error("The plan has no endpoint.")
    const { models, coding, small } = gatewayModels({ type: "api_key", apiKey: "sk-1", ...endpoint, plan })
    expect(models).toContain(coding)
    expect(models).toContain(small)
  })

  it("returns the two models of an account", () => {
    expect(modelList(gatewayModels(ACCOUNT))).toMatchObject({ data: [{ id: "coder-model" }, { id: "vision-model" }] })
  })
})

describe("messagesBody", () => {
  const bodyOf = (json: Record<string, unknown>) => ({ json, text: ` ${JSON.stringify(json)}` })
  const sent = (json: Record<string, unknown>) => messagesBody(bodyOf(json), NONE, OFFERED)

  it.each([
    { model: "qwen3.7-plus", messages: [] },
    { model: "qwen3.7-plus", thinking: { type: "enabled", budget_tokens: 2_000 } },
    { model: "qwen3.7-plus", thinking: { type: "disabled" } },
    { messages: [] },
    { model: 7 },
  ])("keeps a body unchanged: %j", (json) => {
    expect(sent(json).text).toBe(` ${JSON.stringify(json)}`)
  })

  it("sets the plan's model and changes nothing else", () => {
    const json = { model: "opus", max_tokens: 9, system: [{ type: "text", text: "x", cache_control: { type: "e" } }] }
    expect(JSON.parse(sent(json).text)).toEqual({ ...json, model: "qwen3.7-plus" })
  })

  it.each([
    ["half of the answer", "qwen3.7-plus", 8_000, { type: "enabled", budget_tokens: 4_000 }],
    ["at most the model's maximum", "kimi-k2.5", 400_000, { type: "enabled", budget_tokens: 81_920 }],
    [
      "the model's maximum without a limit of the answer",
      "qwen3.7-plus",
      undefined,
      { type: "enabled", budget_tokens: 262_144 },
    ],
    ["none for a short answer", "qwen3.7-plus", 2_000, undefined],
    ["none for a model without budgets", "glm-5.2", 8_000, undefined],
    ["none for an unknown model", "auto", 8_000, undefined],
  ])("sets a budget instead of adaptive thinking: %s", (_, model, max_tokens, thinking) => {
    const { json, text } = sent({ model, max_tokens, thinking: { type: "adaptive" } })
    expect(json["thinking"]).toEqual(thinking)
    expect(JSON.parse(text).thinking).toEqual(thinking)
  })
})
