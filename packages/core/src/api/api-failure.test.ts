import type { Reply } from "qwen-auth-testing/fake-platform"
import { apiError, refusedRequest } from "qwen-auth-testing/refusals"
import { empty, firewallPage, json, page, text } from "qwen-auth-testing/replies"
import { describe, expect, it } from "vitest"
import { commonFailure, isUnknownModel, rateLimited, refused, unknownModel } from "./api-failure.ts"
import { serviceError } from "./service-error.ts"

describe("the failures common to all routes", () => {
  it.each([
    ["the web firewall with 200", firewallPage(200), "web_firewall", 403, "Alibaba's web firewall"],
    ["the web firewall with 405", firewallPage(405), "web_firewall", 403, "the sign-in is kept"],
    ["the web firewall with 503", firewallPage(503), "web_firewall", 403, "Alibaba's web firewall"],
    ["a page with 200", page(200), "web_firewall", 403, "A web page"],
    ["a page with 401", page(401), "web_firewall", 403, "A web page"],
    ["a proxy that requires authentication", empty(407), "proxy_refused", 403, "HTTPS_PROXY"],
    ["200 without content", empty(200), "unexpected_response", 403, "sent an empty answer"],
    ["204", empty(204), "unexpected_response", 403, "sent an empty answer"],
    ["200 with JSON that is not an error", json({}), "unexpected_response", 403, "sent something other than an answer"],
    ["200 with text", text("sorry"), "unexpected_response", 403, "sent something other than an answer"],
    ["the page of a proxy that requires authentication", page(407), "proxy_refused", 403, "user name and password"],
    ["a gateway's 502 page", page(502), "service_unreachable", 502, "HTTP 502 with a web page"],
    ["a gateway's 504 page", page(504), "service_unreachable", 504, "HTTP 504 with a web page"],
    ["500", apiError(500, "internal_error", "internal error"), "service_unreachable", 500, "(HTTP 500)"],
    ["503 without content", empty(503), "service_unreachable", 503, "HTTP 503 without content"],
    ["529", text("busy", 529), "service_unreachable", 529, "HTTP 529 without JSON"],
  ] satisfies [string, Reply, string, number, string][])("include %s", async (_, reply, code, status, text) => {
    const common = commonFailure((await refusedRequest(reply)).answer)
    expect([common?.error.code, common?.status]).toEqual([code, status])
    expect(common?.error.sentence).toContain(text)
    expect(common?.error.remedy).toBeDefined()
  })

  it.each([
    [
      "without content may come from a proxy",
      empty(502),
      "Wait a moment, then try again; if you use a proxy, check it.",
    ],
    [
      "with a blank body may come from a proxy",
      text(" \n", 503),
      "Wait a moment, then try again; if you use a proxy, check it.",
    ],
    ["with content comes from the service", apiError(500, "internal_error", "no"), "Wait a moment, then try again."],
    ["with a web page comes from a gateway", page(504), "Wait a moment, then try again."],
  ])("5xx %s", async (_, reply, remedy) => {
    expect(commonFailure((await refusedRequest(reply)).answer)?.error.remedy).toBe(remedy)
  })

  it.each([
    ["400", apiError(400, "x", "no")],
    ["401", apiError(401, "x", "no")],
    ["403 without content", empty(403)],
    ["429", empty(429)],
    ["499", empty(499)],
  ])("do not include %s", async (_, reply) => {
    expect(commonFailure((await refusedRequest(reply)).answer)).toBeUndefined()
  })
})

describe("a rate limit", () => {
  it.each([
    [undefined, "Wait a minute, then try again; fewer parallel requests help."],
    [0, "Wait a second, then try again; fewer parallel requests help."],
    [12_000, "Wait 12 seconds, then try again; fewer parallel requests help."],
    [3_600_000, "Wait 60 minutes, then try again; fewer parallel requests help."],
  ])("with a wait of %s ms states the wait in a readable unit", (waitMs, remedy) => {
    const { error, status } = rateLimited({ waitMs })
    expect([status, error.code, error.remedy]).toEqual([429, "rate_limited", remedy])
  })
})

describe("an unknown model", () => {
  it.each([
    ["404 model_not_found", apiError(404, "model_not_found", "no")],
    ["404 with only the message", apiError(404, undefined, "The model `qwen9` does not exist")],
    ["400 ModelNotFound", apiError(400, "ModelNotFound", "no")],
    ["403 Model.AccessDenied", apiError(403, "Model.AccessDenied", "Access denied.")],
    ["403 AccessDenied.Unpurchased", apiError(403, "AccessDenied.Unpurchased", "No.")],
    [
      "403 with only the message",
      apiError(403, undefined, "Access to model denied. Please make sure you are eligible."),
    ],
  ])("is recognised from %s", async (_, reply) => {
    const { answer } = await refusedRequest(reply)
    expect(isUnknownModel(answer, serviceError(answer, "secret-1"))).toBe(true)
  })

  it.each([
    ["404 for another reason", apiError(404, undefined, "Not found")],
    ["404 without content", empty(404)],
    ["400 that mentions a model", apiError(400, "invalid_parameter_error", "The model wants a prompt")],
    ["404 with a longer word that begins with model", apiError(404, undefined, "No modeling here")],
  ])("is not recognised from %s", async (_, reply) => {
    const { answer } = await refusedRequest(reply)
    expect(isUnknownModel(answer, serviceError(answer, "secret-1"))).toBe(false)
  })

  it("is named without control characters, with the remedy", async () => {
    const { error, status } = unknownModel(
      await refusedRequest(empty(404), { model: "\u001b[31mqwen9\u202e" }),
      "Choose another.",
    )
    expect([status, error.code]).toEqual([404, "model_not_available"])
    expect(error.sentence).toBe('The model "qwen9" is not available to this account. Choose another.')
  })

  it("is named in full when its name is long", async () => {
    const { error } = unknownModel(
      await refusedRequest(empty(404), { model: "qwen3-vl-235b-a22b-thinking-preview" }),
      "Choose another.",
    )
    expect(error.message).toBe('The model "qwen3-vl-235b-a22b-thinking-preview" is not available to this account.')
  })

  it("is named briefly when its name is very long", async () => {
    const { error } = unknownModel(
      await refusedRequest(empty(404), { model: "qwen ".repeat(1_000) }),
      "Choose another.",
    )
    expect(error.message.length).toBeLessThan(150)
  })

  it("is not named when the request named none", async () => {
    const { error } = unknownModel(await refusedRequest(empty(404)), "Choose another.")
    expect(error.message).toBe("The model is not available to this account.")
  })
})

/** Classifies a reply that no other rule matches. */
async function classify(reply: Reply) {
  const { answer } = await refusedRequest(reply)
  return refused(answer, serviceError(answer, "secret-1"))
}

const REMEDY = "If this happens again, start a new conversation or choose another model."

describe("a conversation that is too long for the model", () => {
  it.each([
    "Range of input length should be [1, 983616]",
    "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]",
    "Total message token length exceed model limit (10000)",
    "This model's maximum context length is 131072 tokens. However, you requested 140000 tokens.",
    "Your request exceeded model token limit: 262144 (requested: 270000)",
    "Please reduce the length of the messages.",
    "invalid params, context window exceeds limit (2013)",
    "Prompt is too long",
    "Input length 203743 exceeds the maximum length 202752",
    "The input token count (300000) exceeds the maximum number of tokens allowed (262144).",
    "The request is greater than the context length",
  ])("is recognised from the message %s", async (message) => {
    const failure = await classify(apiError(400, "invalid_parameter_error", message))
    expect([failure.status, failure.error.code]).toEqual([400, "context_length_exceeded"])
    expect(failure.error.sentence).toBe(
      "The conversation is too long for the model. Compact the conversation, or start a new one.",
    )
  })

  it("is recognised from its code, and from such a message with 413", async () => {
    for (const [status, code, message] of [
      [400, "context_length_exceeded", "No."],
      [413, "RequestEntityTooLarge", "request entity too large"],
    ] as const) {
      const failure = await classify(apiError(status, code, message))
      expect([failure.status, failure.error.code]).toEqual([status, "context_length_exceeded"])
    }
  })

  it.each([
    ["another range", apiError(400, "InvalidParameter", "Range of max_tokens should be [1, 65536]")],
    ["a limit of the output", apiError(400, "InvalidParameter", "max_tokens is over the token limit 8192")],
    ["a rate limit", apiError(429, "rate_limit", "too many tokens per minute")],
    ["a bad request", apiError(400, "invalid_parameter_error", "input is not a list")],
    ["another status", apiError(403, "AccessDenied", "Prompt is too long for your tier")],
  ])("is not %s", async (_, reply) => {
    expect((await classify(reply)).error.code).toBe("request_refused")
  })
})

describe("any other refusal", () => {
  it.each([
    [
      "the service's code, not its message",
      apiError(400, "InvalidParameter.NotSupport_x", "bad request 5000"),
      400,
      `Qwen's API refused the request: HTTP 400, InvalidParameter.NotSupport_x. ${REMEDY}`,
    ],
    [
      "only the status when there is no code",
      apiError(418, undefined, "\u001b[31mno\nway"),
      418,
      `Qwen's API refused the request: HTTP 418. ${REMEDY}`,
    ],
    ...["error 500", "E429", "a-b", "no.", "no way", "secret-1", "x".repeat(61), "dGhpcyBpcyBhIHRva2Vu_c2VjcmV0"].map(
      (code): [string, Reply, number, string] => [
        `only the status when the code is not plain: ${JSON.stringify(code)}`,
        apiError(400, code, "no"),
        400,
        `Qwen's API refused the request: HTTP 400. ${REMEDY}`,
      ],
    ),
    [
      "the meaning of the content filter's refusal",
      apiError(400, "data_inspection_failed", "Output data may contain inappropriate content."),
      400,
      "Alibaba's content filter refused the request. Rephrase it, or start a new conversation without the text that the filter objects to.",
    ],
    [
      "the meaning of the content filter's refusal in DashScope's spelling",
      apiError(400, "DataInspectionFailed", "Input data may contain inappropriate content."),
      400,
      "Alibaba's content filter refused the request. Rephrase it, or start a new conversation without the text that the filter objects to.",
    ],
    [
      "only the status when there is no content",
      empty(404),
      404,
      `Qwen's API refused the request: HTTP 404 without content. ${REMEDY}`,
    ],
    [
      "only the status when the body is text",
      text("secret-1", 400),
      400,
      `Qwen's API refused the request: HTTP 400 without JSON. ${REMEDY}`,
    ],
    // The content type of a web page, but no web page. The host must not take it for a response of the model.
    [
      "a successful status as 400",
      text("{}", 200, { "content-type": "text/html" }),
      400,
      `Qwen's API refused the request: HTTP 200. ${REMEDY}`,
    ],
  ] satisfies [string, Reply, number, string][])("is reported with %s", async (_, reply, status, sentence) => {
    const failure = await classify(reply)
    expect([failure.status, failure.error.code, failure.error.sentence]).toEqual([status, "request_refused", sentence])
  })
})
