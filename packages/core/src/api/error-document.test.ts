import { chunk, DONE } from "qwen-auth-testing/streams"
import { describe, expect, it } from "vitest"
import { findErrorDocument } from "./error-document.ts"

const quota = { message: "quota exceeded", code: "insufficient_quota" }

describe("an error in a response with status 200", () => {
  it.each([
    ["a JSON document", JSON.stringify({ error: quota })],
    ["a document after white space", `\n ${JSON.stringify({ error: quota }, undefined, 2)}\n`],
    ["an event", `data: ${JSON.stringify({ error: quota })}\n\n`],
    ["an event without a space, with CRLF", `data:${JSON.stringify({ error: quota })}\r\n\r\n`],
    ["an event before others", `data: ${JSON.stringify({ error: quota })}\n\n${DONE}`],
    ["an event named error", `event: error\ndata: ${JSON.stringify({ error: quota })}\n\n`],
    ["an event after a comment", `: keep-alive\n\nid: 1\ndata: ${JSON.stringify({ error: quota })}\n\n`],
    ["an event in two lines", `data: {"error":\ndata: ${JSON.stringify(quota)}}\n\n`],
    ["an event without choices", `data: ${JSON.stringify({ choices: [], error: quota })}\n\n`],
    ["an event whose choices are null", `data: ${JSON.stringify({ choices: null, error: quota })}\n\n`],
  ])("is found in %s", (_, text) => {
    expect(findErrorDocument(text)).toMatchObject({ json: { error: quota }, status: 429 })
  })

  it("is found in an event of DashScope, with the status in a comment", () => {
    const json = { code: "Something", message: "Range of input length should be [1, 98304]", request_id: "x" }
    const event = `id:1\nevent:error\n:HTTP_STATUS/413\ndata:${JSON.stringify(json)}\n\n`
    expect(findErrorDocument(event)).toEqual({ json, status: 413 })
  })

  it("is found as a string", () => {
    expect(findErrorDocument('{"error":"no"}')).toEqual({ json: { error: "no" }, status: 400 })
    expect(findErrorDocument("event: error\ndata: no\n\n")).toEqual({ json: { error: "no" }, status: 400 })
  })

  it.each([
    ["an empty body", ""],
    ["a chat chunk", chunk({ content: "hello" })],
    ["only [DONE]", DONE],
    ["a comment", ": keep-alive\n\n"],
    ["a chat completion", '{"choices":[{"message":{"content":"hello"}}]}'],
    ["a chat completion whose error is null", '{"error":null,"id":"1"}'],
    ["a chat chunk with both choices and an error", 'data: {"choices":[{"delta":{}}],"error":{"message":"no"}}\n\n'],
    ["a chunk with only the usage", 'data: {"choices":[],"usage":{"total_tokens":3},"error":null}\n\n'],
    ["an incomplete error", 'data: {"error":{"mess'],
    ["an error after the first event", `${chunk({ content: "hello" })}data: {"error":{"message":"no"}}\n\n`],
    ["plain text", "quota exceeded"],
    ["a web page", "<html>error</html>"],
    ["an event named error without data", "event: error\n\n"],
  ])("is not found in %s", (_, text) => {
    expect(findErrorDocument(text)).toBeUndefined()
  })

  it.each([
    [{ error: { message: "no", status: 503 } }, 503],
    [{ error: { message: "no", code: "429" } }, 429],
    [{ error: { message: "no" }, status_code: 402 }, 402],
    [{ code: 404, message: "no" }, 404],
    [{ error: { message: "no", status: 200 } }, 400],
    [{ error: { message: "no", status: 4.5e2 + 0.5 } }, 400],
    [{ error: { code: "invalid_api_key", message: "invalid access token or token expired" } }, 401],
    [{ code: "InvalidApiKey", message: "Invalid API-key provided." }, 401],
    [{ code: "Throttling.RateQuota", message: "Requests rate limit exceeded" }, 429],
    [{ error: { code: "insufficient_quota", message: "You exceeded your current quota" } }, 429],
    [{ error: { message: "Too many requests" } }, 429],
    [{ error: "concurrency allocated quota exceeded" }, 429],
    [{ code: "Model.AccessDenied", message: "Access denied." }, 403],
    [{ error: { code: "model_not_found", message: "The model `x` does not exist" } }, 404],
    [{ error: { type: "internal_error", message: "no" } }, 500],
    [{ code: "InternalError.Algo", message: "no" }, 500],
    [{ error: { code: "InvalidParameter", message: "no" } }, 400],
    [{ error: { message: "quota exceeded" } }, 400],
  ])("gives %j the status %i", (json, status) => {
    expect(findErrorDocument(JSON.stringify(json))).toEqual({ json, status })
  })
})
