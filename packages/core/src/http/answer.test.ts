import { describe, expect, it } from "vitest"
import { describeAnswer, readAnswer } from "./answer.ts"

function answer(body: string | null, contentType?: string, status = 200) {
  const headers = contentType === undefined ? {} : { "content-type": contentType }
  return readAnswer(new Response(body, { status, headers }))
}

describe("readAnswer", () => {
  it("reads a JSON object, whatever its content type", async () => {
    expect((await answer('{"a":1}', "text/plain")).json).toEqual({ a: 1 })
  })

  it("reads a JSON object behind a byte order mark", async () => {
    expect((await answer('\ufeff{"a":1}')).json).toEqual({ a: 1 })
  })

  it.each(["", "[1]", "null", "7", '"text"', '{"a":', "<html>"])("%j is not a JSON object", async (body) => {
    expect((await answer(body)).json).toBeUndefined()
  })

  it("reads an empty text from a response without a body", async () => {
    expect(await answer(null, undefined, 503)).toMatchObject({ status: 503, text: "", json: undefined, html: false })
  })

  it("decodes a character that is split between two chunks", async () => {
    const bytes = new TextEncoder().encode('{"a":"é"}')
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, 7))
        controller.enqueue(bytes.slice(7))
        controller.close()
      },
    })
    expect((await readAnswer(new Response(body))).json).toEqual({ a: "é" })
  })

  it("reads about 256 KiB of an endless response and cancels it", async () => {
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(97)),
      cancel: () => {
        cancelled = true
      },
    })
    const { text } = await readAnswer(new Response(body))
    expect(text.length).toBe(256 * 1024)
    expect(cancelled).toBe(true)
  })

  it("throws the stream's error", async () => {
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error("reset")) })
    await expect(readAnswer(new Response(body))).rejects.toThrow("reset")
  })

  it.each([
    ["a doctype", "<!DOCTYPE html><p>no", undefined, true],
    ["white space first", "\n  <html>", undefined, true],
    ["a fragment", "<meta charset=utf-8>", undefined, true],
    ["the content type alone", "Bad gateway", "text/html; charset=utf-8", true],
    ["XHTML", "", "application/xhtml+xml", true],
    ["JSON under a page's content type", '{"a":1}', "text/html", false],
    ["JSON with markup inside", '{"a":"<html>"}', "application/json", false],
    ["plain text", "not <html>", "text/plain", false],
  ])("is a web page (%s): %s", async (_, body, contentType, html) => {
    expect((await answer(body, contentType)).html).toBe(html)
  })

  it.each([
    ["<!doctypehtml><title>405</title>", true],
    ['<html><meta name="aliyun_waf_aa" content="x">', true],
    ["<html><script src=/_waf_/x.js>", true],
    ["<!DOCTYPE html><h1>502</h1>", false],
    ['{"error":"aliyun_waf"}', false],
  ])("is the web firewall's page (%s): %s", async (body, firewall) => {
    expect((await answer(body)).firewall).toBe(firewall)
  })
})

describe("describeAnswer", () => {
  it.each([
    ["<!doctypehtml>", 405, "HTTP 405 with a web firewall's page"],
    ["<html>", 502, "HTTP 502 with a web page"],
    ["{}", 400, "HTTP 400"],
    ["", 503, "HTTP 503 without content"],
    [" \n", 503, "HTTP 503 without content"],
    ["secret-1", 403, "HTTP 403 without JSON"],
  ])("describes %j with status %i as %s", async (body, status, text) => {
    expect(describeAnswer(await answer(body, undefined, status))).toBe(text)
  })
})
