import { describe, expect } from "vitest"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { withOpenCodeServer } from "../harness/opencode/opencode-server.ts"
import { startSession } from "../harness/opencode/opencode-session.ts"
import { signedInToPlan, it as withModelStudio } from "../harness/opencode/with-model-studio.ts"
import { it, signedIn } from "../harness/opencode/with-opencode.ts"
import { streamChunk as chunk, scriptedStream as stream, toolCallAnswer } from "../harness/shared/scripted-stream.ts"

/** An answer of the simulator, for its scenario. */
interface ScriptedAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

const DONE = "data: [DONE]\n\n"
const QUOTA = { message: "quota exceeded", code: "invalid_request" }
const TEXT = chunk({ role: "assistant", content: "The beginning" })
const ROLE = chunk({ role: "assistant", content: "" })
const CALL = chunk({ tool_calls: [{ index: 0, id: "call_1", function: { name: "glob", arguments: '{"pat' } }] })

/** The text that the user reads, and the number of requests before it. */
const AT_ONCE = { requests: 1 }
const AFTER_THREE = { requests: 3, message: /last three answers of Qwen's API were empty or ended without a result/ }
const NO_ANSWER = { ...AT_ONCE, message: /^Qwen's API sent something other than an answer\. Try again/ }
const EMPTY = { ...AT_ONCE, message: /^Qwen's API sent an empty answer\. Try again/ }
const PAGE = { ...AT_ONCE, message: /A web page, perhaps a proxy's or a captive portal's, answered/ }
const REFUSED = { ...AT_ONCE, message: /^Qwen's API refused the request: HTTP 4\d\d/ }

const KINDS: readonly [name: string, answer: ScriptedAnswer, expected: { requests: number; message: RegExp }][] = [
  // Answers that are not event streams.
  ["JSON with an error", { body: { error: QUOTA } }, REFUSED],
  ["JSON with an error as a text", { body: { error: "quota exceeded" } }, REFUSED],
  ["JSON with an error in DashScope's form", { body: { ...QUOTA, request_id: "500" } }, REFUSED],
  [
    "JSON with a rate limit, which OpenCode waits for",
    rateLimited(),
    { requests: 6, message: /rate limit is reached/ },
  ],
  ["empty JSON", { body: {} }, NO_ANSWER],
  ["a whole chat answer", { body: { choices: [{ message: { content: "hi" }, finish_reason: "stop" }] } }, NO_ANSWER],
  ["plain text", { body: "service busy" }, NO_ANSWER],
  ["a binary", { headers: { "content-type": "application/octet-stream" }, body: "\u0001" }, NO_ANSWER],
  ["a page", { body: "<html><body>Welcome to the hotel</body></html>" }, PAGE],
  ["no content", { status: 204, body: "" }, EMPTY],
  ["nothing, without a content type", { headers: { "content-type": "" }, body: "" }, EMPTY],
  ["JSON without a content type", { headers: { "content-type": "" }, body: { error: QUOTA } }, REFUSED],
  // Answers that are declared as event streams.
  ["an empty stream", stream(""), EMPTY],
  ["a page in a stream", stream("<html><body>Welcome to the hotel</body></html>"), PAGE],
  ["JSON in a stream", stream(JSON.stringify({ error: QUOTA })), REFUSED],
  ["plain text in a stream", stream("service busy"), AFTER_THREE],
  ["an error in a stream", stream(`data: ${JSON.stringify({ error: QUOTA })}\n\n${DONE}`), REFUSED],
  ["an error event", stream(`event: error\ndata: ${JSON.stringify({ error: QUOTA })}\n\n`), REFUSED],
  [
    "DashScope's error event",
    stream(`id:1\nevent:error\n:HTTP_STATUS/400\ndata:${JSON.stringify(QUOTA)}\n\n`),
    REFUSED,
  ],
  [
    "an error after the beginning",
    stream(`${TEXT}data: ${JSON.stringify({ error: QUOTA })}\n\n`),
    { ...AT_ONCE, message: /quota exceeded/ },
  ],
  // Ends of streams.
  ["blank lines", stream("\n\n\n"), AFTER_THREE],
  ["a comment", stream(": keep-alive\n\n"), AFTER_THREE],
  ["only [DONE]", stream(DONE), AFTER_THREE],
  ["no text and no finish reason", stream(ROLE + DONE), AFTER_THREE],
  ["a text without a finish reason", stream(TEXT + DONE), AFTER_THREE],
  ["a text that breaks off in the middle of an event", stream(`${TEXT}data: {"choices":[{"de`), AFTER_THREE],
  ["an unknown finish reason", stream(TEXT + chunk({}, "eos") + DONE), AFTER_THREE],
  ["an empty finish reason", stream(TEXT + chunk({}, "") + DONE), AFTER_THREE],
  ["a promise of tool calls", stream(TEXT + chunk({}, "tool_calls") + DONE), AFTER_THREE],
  ["a promise of a function call", stream(ROLE + chunk({}, "function_call") + DONE), AFTER_THREE],
  ["a tool call that breaks off", stream(CALL), AFTER_THREE],
  ["thoughts without a finish reason", stream(chunk({ reasoning_content: "hm" }) + DONE), AFTER_THREE],
  [
    "usage alone",
    stream(`data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":0}}\n\n${DONE}`),
    AFTER_THREE,
  ],
  ["a content filter", stream(ROLE + chunk({}, "content_filter") + DONE), { ...AT_ONCE, message: /content filter/ }],
]

describe.skipIf(opencodeMissing)("a 200 without an answer, in the real OpenCode", () => {
  it(`ends in a message, for ${KINDS.length} kinds of answers`, async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await withOpenCodeServer(home, async (server) => {
      for (const [name, answer, { requests, message }] of KINDS) {
        await simulator.control("scenario", {
          answers: { chat: { standing: { status: 200, headers: {}, ...answer } } },
        })
        const before = (await simulator.chats()).length
        const { text, error } = await (await startSession(server)).ask("Hello")
        expect(error ?? text, name).toMatch(message)
        expect((await simulator.chats()).length - before, name).toBe(requests)
      }
    })
  })

  it("allows one more request per question until a good answer arrives", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    const bad = stream(TEXT + DONE)
    const outcomes: unknown[] = []
    await withOpenCodeServer(home, async (server) => {
      const session = await startSession(server)
      const ask = async (...queue: ScriptedAnswer[]) => {
        await simulator.control("scenario", { answers: { chat: { queue } } })
        const before = (await simulator.chats()).length
        const { text, error } = await session.ask("What is 6 times 7?")
        outcomes.push([error?.slice(0, 16) ?? text, (await simulator.chats()).length - before])
      }
      await ask(bad, bad, bad)
      await ask(bad)
      await ask()
      await ask(bad, bad)
    })
    expect(outcomes).toEqual([
      ["The last three a", 3],
      ["The last three a", 1],
      ["6 times 7 = 42", 1],
      [expect.stringMatching(/42/), 3],
    ])
  })

  it("is not suspected in an agent's sixty requests with tool calls", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    const queue = Array.from({ length: 60 }, (_, round) =>
      toolCallAnswer(round, [{ name: "glob", arguments: { pattern: `*.${round}` } }]),
    )
    await simulator.control("scenario", { answers: { chat: { queue } } })
    await withOpenCodeServer(home, async (server) => {
      const { text, error } = await (await startSession(server)).ask("Please look for the files")
      expect(error).toBeUndefined()
      expect(text).toContain("The glob tool")
    })
    expect(await simulator.chats()).toHaveLength(61)
  })
})

describe.skipIf(opencodeMissing)("a 200 without an answer, with a Coding Plan key in the real OpenCode", () => {
  withModelStudio("ends in a message about the plan", async ({ simulator, home }) => {
    await signedInToPlan(simulator, home, "coding")
    const outcomes: unknown[] = []
    await withOpenCodeServer(home, async (server) => {
      const ask = async (answer: ScriptedAnswer) => {
        await simulator.control("scenario", { answers: { planChat: { standing: answer } } })
        const before = (await simulator.chats()).length
        const { error } = await (await startSession(server)).ask("Hello")
        outcomes.push([error, (await simulator.chats()).length - before])
      }
      await ask({ body: { error: { message: "quota exceeded" } } })
      await ask(stream('data: {"error":{"message":"month allocated quota exceeded"}}\n\n'))
      await ask(stream(DONE))
    })
    expect(outcomes).toEqual([
      [expect.stringMatching(/^Qwen's API refused the request: HTTP 4\d\d/), 1],
      [expect.stringMatching(/^The quota for the Coding Plan \(international\) is used up/), 1],
      [expect.stringMatching(AFTER_THREE.message), 3],
    ])
  })
})

function rateLimited(): ScriptedAnswer {
  return { headers: { "retry-after": "1" }, body: { error: { code: "rate_limit_exceeded", message: "Slow down." } } }
}
