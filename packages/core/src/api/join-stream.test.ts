import { bodyOf, chunk, DONE } from "qwen-auth-testing/streams"
import { describe, expect, it } from "vitest"
import { joinStream } from "./join-stream.ts"

const join = (...parts: string[]) => joinStream(bodyOf(...parts))

const event = (document: object) => `data: ${JSON.stringify(document)}\n\n`

describe("joining a streamed response", () => {
  it("joins text, reasoning, the finish reason and the usage", async () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
    expect(
      await join(
        chunk({ role: "assistant", content: "" }),
        chunk({ content: null, reasoning_content: "Let me " }),
        chunk({ content: null, reasoning_content: "think." }),
        chunk({ content: "4" }),
        chunk({ content: "2" }),
        chunk({ content: "" }, "stop"),
        event({ id: "chatcmpl-1", choices: [], usage }),
        DONE,
      ),
    ).toEqual({
      completion: {
        id: "chatcmpl-1",
        object: "chat.completion",
        usage,
        choices: [
          {
            index: 0,
            message: { role: "assistant", content: "42", reasoning_content: "Let me think." },
            finish_reason: "stop",
            logprobs: null,
          },
        ],
      },
    })
  })

  it("joins parallel tool calls whose pieces are interleaved", async () => {
    const call = (index: number, rest: object) => chunk({ tool_calls: [{ index, ...rest }] })
    const start = (id: string, name: string) => ({ id, type: "function", function: { name, arguments: "" } })
    const piece = (text: string) => ({ id: "", function: { name: null, arguments: text } })
    const { completion } = await completed(
      call(0, start("a", "read")),
      call(1, start("b", "write")),
      call(1, piece('{"x"')),
      call(0, piece("{}")),
      call(1, piece(":1}")),
      chunk({}, "tool_calls"),
    )
    expect(completion).toMatchObject({
      choices: [
        {
          finish_reason: "tool_calls",
          message: {
            content: null,
            tool_calls: [
              { index: 0, id: "a", type: "function", function: { name: "read", arguments: "{}" } },
              { index: 1, id: "b", type: "function", function: { name: "write", arguments: '{"x":1}' } },
            ],
          },
        },
      ],
    })
  })

  it("sorts tool calls by their index", async () => {
    const call = (index: number, name: string) => ({ index, id: name, function: { name, arguments: "{}" } })
    const { completion } = await completed(
      chunk({ tool_calls: [call(2, "c"), call(0, "a")] }),
      chunk({ tool_calls: [call(1, "b")] }, "tool_calls"),
    )
    expect(completion).toMatchObject({
      choices: [{ message: { tool_calls: [{ id: "a" }, { id: "b" }, { id: "c" }] } }],
    })
  })

  it("joins tool calls without an index", async () => {
    const { completion } = await completed(
      chunk({ tool_calls: [{ id: "a", type: "function", function: { name: "read", arguments: "{" } }] }),
      chunk({ tool_calls: [{ function: { arguments: "}" } }] }),
      chunk({ tool_calls: [{ id: "b", type: "function", function: { name: "write", arguments: "{}" } }] }),
      chunk({}, "tool_calls"),
    )
    expect(JSON.stringify(completion)).toContain(
      '"tool_calls":[{"function":{"arguments":"{}","name":"read"},"id":"a","type":"function"},' +
        '{"function":{"arguments":"{}","name":"write"},"id":"b","type":"function"}]',
    )
  })

  it("joins several choices and their log probabilities", async () => {
    const choice = (index: number, content: string, finish_reason: string | null = null) => ({
      index,
      delta: { content },
      finish_reason,
      logprobs: { content: [{ token: content }] },
    })
    const { completion } = await completed(
      event({ choices: [choice(1, "b")] }),
      event({ choices: [choice(0, "a"), choice(1, "c", "stop")] }),
      event({ choices: [choice(0, "d", "length")] }),
    )
    expect(completion["choices"]).toMatchObject([
      { index: 0, message: { content: "ad" }, finish_reason: "length", logprobs: { content: [{ token: "a" }, {}] } },
      { index: 1, message: { content: "bc" }, finish_reason: "stop" },
    ])
  })

  it("accepts a missing [DONE], and ignores comments and invalid events", async () => {
    const { completion } = await completed(": wait\n\n", chunk({ content: "a" }), "data: {\n\n", chunk({}, "stop"))
    expect(completion).toMatchObject({ choices: [{ message: { content: "a" } }] })
  })
})

async function completed(...parts: string[]) {
  const joined = await join(...parts)
  if ("error" in joined) throw new Error("expected a completion")
  return joined
}

describe("a stream that does not end successfully", () => {
  it.each([
    [
      "an error as a chunk",
      event({ error: { code: "insufficient_quota", message: "Free allocated quota exceeded." } }),
      429,
    ],
    ["an error event", 'event:error\n:HTTP_STATUS/400\ndata:{"code":"InvalidParameter","message":"no"}\n\n', 400],
  ])("returns the error that ended it: %s", async (_, last, status) => {
    expect(await join(chunk({ content: "Let me" }), last)).toMatchObject({ error: { status } })
  })

  it.each([
    ["no finish reason", [chunk({ content: "Let me" })]],
    [
      "two choices, one without a finish reason",
      [chunk({ content: "a" }, "stop"), event({ choices: [{ index: 1, delta: {} }] })],
    ],
    ["only [DONE]", [DONE]],
    ["no events", []],
  ])("fails with an error that the caller may retry: %s", async (_, parts) => {
    await expect(join(...parts)).rejects.toMatchObject({ code: "service_unreachable" })
  })

  it("throws the error of the network", async () => {
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("reset")) })
    await expect(joinStream(body)).rejects.toThrow("reset")
  })

  it("is cancelled when it is too long", async () => {
    const part = new TextEncoder().encode(chunk({ content: "x".repeat(1_000) }))
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++
        controller.enqueue(part)
      },
    })
    await expect(joinStream(body, 100_000)).rejects.toMatchObject({ code: "unexpected_response" })
    expect(sent).toBeLessThan(110)
  })
})
