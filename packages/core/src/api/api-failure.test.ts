import type { Reply } from "qwen-auth-testing/fake-platform"
import { apiError, readErrorAnswer } from "qwen-auth-testing/refusals"
import { empty, firewallPage, json, page, text } from "qwen-auth-testing/replies"
import { describe, expect, it } from "vitest"
import { commonFailure, isUnknownModel, rateLimited, refused, unknownModel } from "./api-failure.ts"
import { serviceError } from "./service-error.ts"

describe("what means the same on every route", () => {
  it.each([
    ["the web firewall with 200", firewallPage(200), "web_firewall", 403, "Alibaba's web firewall"],
    ["the web firewall with 405", firewallPage(405), "web_firewall", 403, "the sign-in is kept"],
    ["the web firewall with 503", firewallPage(503), "web_firewall", 403, "Alibaba's web firewall"],
    ["a page with 200", page(200), "web_firewall", 403, "A web page"],
    ["a page with 401", page(401), "web_firewall", 403, "A web page"],
    ["a proxy that wants to be known", empty(407), "proxy_refused", 403, "HTTPS_PROXY"],
    ["200 without content", empty(200), "unexpected_response", 403, "sent an empty answer"],
    ["204", empty(204), "unexpected_response", 403, "sent an empty answer"],
    ["200 with JSON that is no error", json({}), "unexpected_response", 403, "sent something else than an answer"],
    ["200 with text", text("sorry"), "unexpected_response", 403, "sent something else than an answer"],
    ["such a proxy's page", page(407), "proxy_refused", 403, "name and a password"],
    ["a gateway's 502 page", page(502), "service_unreachable", 502, "HTTP 502 with a web page"],
    ["a gateway's 504 page", page(504), "service_unreachable", 504, "HTTP 504 with a web page"],
    ["500", apiError(500, "internal_error", "internal error"), "service_unreachable", 500, "(HTTP 500)"],
    ["503 without content", empty(503), "service_unreachable", 503, "HTTP 503 without content"],
    ["529", text("busy", 529), "service_unreachable", 529, "HTTP 529 without JSON"],
  ] satisfies [string, Reply, string, number, string][])("%s", async (_, reply, code, status, words) => {
    const common = commonFailure(await readErrorAnswer(reply))
    expect([common?.error.code, common?.status]).toEqual([code, status])
    expect(common?.error.sentence).toContain(words)
    expect(common?.error.remedy).toBeDefined()
  })

  it.each([
    ["without content may be a proxy's", empty(502), "Wait a moment, then go on; if you use a proxy, check it."],
    ["that is blank may be a proxy's", text(" \n", 503), "Wait a moment, then go on; if you use a proxy, check it."],
    ["with content is the service's", apiError(500, "internal_error", "no"), "Wait a moment, then go on."],
    ["with a page is a gateway's", page(504), "Wait a moment, then go on."],
  ])("5xx %s", async (_, reply, remedy) => {
    expect(commonFailure(await readErrorAnswer(reply))?.error.remedy).toBe(remedy)
  })

  it.each([
    ["400", apiError(400, "x", "no")],
    ["401", apiError(401, "x", "no")],
    ["403 without content", empty(403)],
    ["429", empty(429)],
    ["499", empty(499)],
  ])("is not %s", async (_, reply) => {
    expect(commonFailure(await readErrorAnswer(reply))).toBeUndefined()
  })
})

describe("a rate limit", () => {
  it.each([
    [undefined, "Wait a minute, then go on; fewer parallel requests help."],
    [0, "Wait a second, then go on; fewer parallel requests help."],
    [12_000, "Wait 12 seconds, then go on; fewer parallel requests help."],
    [3_600_000, "Wait 60 minutes, then go on; fewer parallel requests help."],
  ])("with a wait of %s ms says how long, as a person says it", async (waitMs, remedy) => {
    const { error, status } = rateLimited(await readErrorAnswer(empty(429), { waitMs }))
    expect([status, error.code, error.remedy]).toEqual([429, "rate_limited", remedy])
  })
})

describe("an unknown model", () => {
  it.each([
    ["404 model_not_found", apiError(404, "model_not_found", "no")],
    ["404 with the words only", apiError(404, undefined, "The model `qwen9` does not exist")],
    ["400 ModelNotFound", apiError(400, "ModelNotFound", "no")],
    ["403 Model.AccessDenied", apiError(403, "Model.AccessDenied", "Access denied.")],
  ])("is %s", async (_, reply) => {
    const { answer } = await readErrorAnswer(reply)
    expect(isUnknownModel(answer, serviceError(answer, "secret-1"))).toBe(true)
  })

  it.each([
    ["404 of another kind", apiError(404, undefined, "Not found")],
    ["404 without content", empty(404)],
    ["400 that speaks of a model", apiError(400, "invalid_parameter_error", "The model wants a prompt")],
    ["404 of what only begins so", apiError(404, undefined, "No modeling here")],
  ])("is not %s", async (_, reply) => {
    const { answer } = await readErrorAnswer(reply)
    expect(isUnknownModel(answer, serviceError(answer, "secret-1"))).toBe(false)
  })

  it("is named, made safe, with what there is instead", async () => {
    const { error, status } = unknownModel(
      await readErrorAnswer(empty(404), { model: "\u001b[31mqwen9\u202e" }),
      "Choose another.",
    )
    expect([status, error.code]).toEqual([404, "model_not_available"])
    expect(error.sentence).toBe('The model "qwen9" is not available to this account. Choose another.')
  })

  it("is named in full when its name is long", async () => {
    const { error } = unknownModel(
      await readErrorAnswer(empty(404), { model: "qwen3-vl-235b-a22b-thinking-preview" }),
      "Choose another.",
    )
    expect(error.message).toBe('The model "qwen3-vl-235b-a22b-thinking-preview" is not available to this account.')
  })

  it("is named shortly when its name is endless", async () => {
    const { error } = unknownModel(
      await readErrorAnswer(empty(404), { model: "qwen ".repeat(1_000) }),
      "Choose another.",
    )
    expect(error.message.length).toBeLessThan(150)
  })

  it("has no name when none was asked for", async () => {
    const { error } = unknownModel(await readErrorAnswer(empty(404)), "Choose another.")
    expect(error.message).toBe("The model is not available to this account.")
  })
})

const GO_ON = "If it stays so, start a new conversation or choose another model."

describe("everything else", () => {
  it.each([
    [
      "the service's words",
      apiError(400, "x", "bad request"),
      400,
      `Qwen's API refused the request: bad request. ${GO_ON}`,
    ],
    [
      "its words made safe",
      apiError(418, "x", "\u001b[31mno\nway"),
      418,
      `Qwen's API refused the request: no way. ${GO_ON}`,
    ],
    ["the status alone", empty(404), 404, `Qwen's API refused the request: HTTP 404 without content. ${GO_ON}`],
    [
      "nothing of a text",
      text("secret-1", 400),
      400,
      `Qwen's API refused the request: HTTP 400 without JSON. ${GO_ON}`,
    ],
    [
      "one full stop",
      apiError(400, "x", "bad request. .. "),
      400,
      `Qwen's API refused the request: bad request. ${GO_ON}`,
    ],
  ] satisfies [string, Reply, number, string][])("is told with %s", async (_, reply, status, message) => {
    const refusal = await readErrorAnswer(reply)
    const told = refused(refusal, serviceError(refusal.answer, "secret-1"))
    expect([told.status, told.error.code, told.error.sentence]).toEqual([status, "request_refused", message])
  })
})
