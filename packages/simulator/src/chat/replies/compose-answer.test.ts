import { expect, test } from "vitest"
import { initialScenario } from "../../scenario/scenario.ts"
import { type ChatRequest, readChatRequest } from "../chat-request.ts"
import { composeAnswer } from "./compose-answer.ts"

interface RequestOptions {
  system?: string
  tools?: object[]
  more?: object[]
}

function request(prompt: unknown, { system = "You are helpful.", tools, more = [] }: RequestOptions = {}): ChatRequest {
  const messages = [{ role: "system", content: system }, { role: "user", content: prompt }, ...more]
  return readChatRequest({ model: "coder-model", messages, tools })
}

function text(prompt: unknown, options?: RequestOptions): string {
  return [...composeAnswer(request(prompt, options), initialScenario.chat).text].join("")
}

function calls(prompt: unknown, options?: RequestOptions): { name: string; arguments: unknown }[] {
  const { toolCalls } = composeAnswer(request(prompt, options), initialScenario.chat)
  return toolCalls.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments) }))
}

function tool(name: string, properties: string[], required: string[] = []): object {
  const declared = Object.fromEntries(properties.map((property) => [property, { type: "string" }]))
  return { type: "function", function: { name, parameters: { type: "object", properties: declared, required } } }
}

const opencode = {
  system: "You are a coding agent.\n<env>\n  Working directory: /home/person/project\n  Platform: linux\n</env>",
  tools: [tool("bash", ["command"]), tool("write", ["content", "filePath"])],
}

test.each([
  ["Hello!", "Hello! I am Qwen, played by a simulator"],
  ["hi", "Hello! I am Qwen"],
  ["你好", "Hello! I am Qwen"],
  ["Who are you?", "I am Qwen (coder-model)"],
  ["thanks a lot", "You are welcome."],
  ["What is 6 * 7?", "6 * 7 = 42"],
  ["How much is 0.1 plus 0.2", "0.1 plus 0.2 = 0.3"],
  ["12/5", "12/5 = 2.4"],
  ["What is 1 / 0?", "1 / 0 has no answer"],
  ["Reply with exactly: pong", "pong"],
  ['Say "good day".', "good day"],
  ["Explain recursion. In detail.", "About “Explain recursion”: "],
  ["What happened on 2026-04-15?", "About “What happened on 2026-04-15”"],
  ["", "I am listening."],
])("%j is answered %j", (prompt, answer) => {
  expect(text(prompt)).toContain(answer)
})

test("the same request gets the same answer and the same ids", () => {
  const ask = () => composeAnswer(request("create a hello world file", opencode), initialScenario.chat)
  expect(ask()).toEqual(ask())
})

test.each([
  ["OpenCode", tool("write", ["content", "filePath"]), ["filePath", "content"]],
  ["Qwen Code", tool("write_file", ["file_path", "content"]), ["file_path", "content"]],
  ["another", tool("CreateFile", ["text", "path"]), ["path", "text"]],
])("a file is written with the tool of %s", (_host, write, [path = "", content = ""]) => {
  const [call] = calls("create a hello world file", { ...opencode, tools: [write] })
  expect(call?.arguments).toEqual({ [path]: "/home/person/project/hello.txt", [content]: "Hello, world!\n" })
})

test.each([
  ["create a hello world file", ["/home/person/project/hello.txt"]],
  ['"create a hello world file"', ["/home/person/project/hello.txt"]],
  ["Please write src/hello.py", ["/home/person/project/src/hello.py"]],
  ["write a hello world file in Python", ["/home/person/project/hello.py"]],
  ["make a.txt and b.md", ["/home/person/project/a.txt", "/home/person/project/b.md"]],
  ["create the file /etc/demo.conf", ["/etc/demo.conf"]],
  ["what does main.py do?", []],
  ["create a plan for the week", []],
])("%j writes %j", (prompt, paths) => {
  expect(calls(prompt, opencode).map((call) => Object(call.arguments).filePath)).toEqual(paths)
})

test("the content fits the language, or is what the prompt quotes", () => {
  expect(calls("create hello.py", opencode)[0]?.arguments).toMatchObject({ content: 'print("Hello, world!")\n' })
  expect(calls('create notes.txt containing "buy milk"', opencode)[0]?.arguments).toMatchObject({
    content: "buy milk\n",
  })
})

test("the working directory may be in a user message, have Windows paths, or be missing", () => {
  const { tools } = opencode
  const parts = [
    { type: "text", text: "I'm currently working in the directory: C:\\Users\\me" },
    { type: "text", text: "create hello.txt" },
  ]
  expect(calls(parts, { tools })[0]?.arguments).toMatchObject({ filePath: "C:\\Users\\me\\hello.txt" })
  expect(calls("create hello.txt", { tools })[0]?.arguments).toMatchObject({ filePath: "hello.txt" })
})

test("other required parameters are filled; without a suitable tool the answer is text", () => {
  const strict = tool("write", ["path", "content", "reason"], ["path", "content", "reason"])
  expect(calls("create a.txt", { tools: [strict] })[0]?.arguments).toMatchObject({ reason: "Write a.txt" })
  expect(calls("create a.txt", { tools: [tool("bash", ["command"])] })).toEqual([])
  expect(calls("create a.txt")).toEqual([])
})

test("after the tool ran it says what was done, or what went wrong", () => {
  const call = {
    id: "call_1",
    function: { name: "write", arguments: '{"filePath":"/home/person/project/hello.txt","content":""}' },
  }
  const after = (content: string) => {
    const more = [
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content },
    ]
    return text("create a hello world file", { ...opencode, more })
  }
  expect(after("Wrote file successfully.")).toBe("Done: I wrote /home/person/project/hello.txt.")
  expect(after("Error: permission denied\n  at x")).toBe("The write tool reported a problem: Error: permission denied")
})

test("a host that asks for a title gets one", () => {
  const system = "You are a title generator. You output ONLY a thread title. Nothing else."
  expect(text("create a hello world file, please, now", { system })).toBe("Create a hello world file please")
  expect(text("create a hello world file", { system: "Never show a title." })).toContain("About")
})

test("images are described by their kind and, if readable, their size", () => {
  // A PNG of 12 × 8: signature, then the IHDR chunk.
  const header = Buffer.from("89504e470d0a1a0a0000000d494844520000000c000000080802000000", "hex").toString("base64")
  const url = (url: string) => ({ type: "image_url", image_url: { url } })
  const question = { type: "text", text: "What is this?" }
  expect(text([question, url(`data:image/png;base64,${header}`)])).toBe("I see an image (PNG, 12 × 8).")
  expect(text([url("data:image/jpeg;base64,/9j/"), url("https://example.org/a.png")])).toBe(
    "I see an image (JPEG) and an image (from example.org).",
  )
})
