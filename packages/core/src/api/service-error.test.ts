import { describe, expect, it } from "vitest"
import { readAnswer } from "../http/answer.ts"
import { serviceError } from "./service-error.ts"

const read = async (body: string) => serviceError(await readAnswer(new Response(body, { status: 400 })), "sk-short.1")

describe("serviceError", () => {
  it("does not contain the credential of the request, even if it is short", async () => {
    const body = { error: { code: "sk-short.1", message: "The key sk-short.1 is bad." } }
    expect(await read(JSON.stringify(body))).toEqual({ code: "…", message: "The key … is bad." })
  })

  it.each([
    ["nested, as observed", { error: { code: "a", message: "No.", param: null }, request_id: "1" }, "a", "No."],
    ["flat, as in DashScope's own API", { code: "a", message: "No.", request_id: "1" }, "a", "No."],
    ["a string, as in OAuth", { error: "invalid_client", error_description: "no" }, "", "invalid_client"],
    ["a string beside a message", { error: "x", message: "No." }, "", "No."],
    ["without a code", { error: { message: "No." } }, "", "No."],
    ["without a message", { error: { code: "a" } }, "a", ""],
    ["with a code that is a number", { error: { code: 400, message: "No." } }, "", "No."],
    ["with a message that is an object", { error: { code: "a", message: { en: "No." } } }, "a", ""],
    ["null", { error: null, message: "No." }, "", "No."],
    ["a list", { error: [{ message: "No." }] }, "", ""],
    ["missing", {}, "", ""],
  ])("reads an error that is %s", async (_, body, code, message) => {
    expect(await read(JSON.stringify(body))).toEqual({ code, message })
  })

  it.each(["", "no", "<html>No.</html>", '["No."]', '"No."'])("is empty for %j", async (body) => {
    expect(await read(body)).toEqual({ code: "", message: "" })
  })

  it("is one short line without control characters", async () => {
    const { message } = await read(
      JSON.stringify({ error: { message: `\u001b[31mno\r\nway\u202e ${"x ".repeat(500)}` } }),
    )
    expect(message).toMatch(/^no way x x/)
    expect(message).toHaveLength(200)
  })
})
