import { describe, expect, it } from "vitest"
import { readAnswer } from "../http/answer.ts"
import { serviceError } from "./service-error.ts"

const said = async (body: string) => serviceError(await readAnswer(new Response(body, { status: 400 })), "sk-short.1")

describe("what the API says of a refusal", () => {
  it("does not repeat the credential that the request carried, however short", async () => {
    const quoted = { error: { code: "sk-short.1", message: "The key sk-short.1 is bad." } }
    expect(await said(JSON.stringify(quoted))).toEqual({ code: "…", message: "The key … is bad." })
  })

  it.each([
    ["nested, as seen", { error: { code: "a", message: "No.", param: null }, request_id: "1" }, "a", "No."],
    ["flat, as DashScope's own API", { code: "a", message: "No.", request_id: "1" }, "a", "No."],
    ["a text, as OAuth's", { error: "invalid_client", error_description: "no" }, "", "invalid_client"],
    ["a text beside a message", { error: "x", message: "No." }, "", "No."],
    ["without a code", { error: { message: "No." } }, "", "No."],
    ["without a message", { error: { code: "a" } }, "a", ""],
    ["with a code that is a number", { error: { code: 400, message: "No." } }, "", "No."],
    ["with a message that is an object", { error: { code: "a", message: { en: "No." } } }, "a", ""],
    ["null", { error: null, message: "No." }, "", "No."],
    ["a list", { error: [{ message: "No." }] }, "", ""],
    ["nothing", {}, "", ""],
  ])("is read from an error that is %s", async (_, body, code, message) => {
    expect(await said(JSON.stringify(body))).toEqual({ code, message })
  })

  it.each(["", "no", "<html>No.</html>", '["No."]', '"No."'])("is nothing in %j", async (body) => {
    expect(await said(body)).toEqual({ code: "", message: "" })
  })

  it("is one line, without what a terminal obeys, and not endless", async () => {
    const { message } = await said(
      JSON.stringify({ error: { message: `\u001b[31mno\r\nway\u202e ${"x ".repeat(500)}` } }),
    )
    expect(message).toMatch(/^no way x x/)
    expect(message).toHaveLength(200)
  })
})
