import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect } from "vitest"
import { type SentChat, sentChats, textOf } from "../harness/opencode/chat-log.ts"
import { configure } from "../harness/opencode/configuration.ts"
import { BUILT_PLUGIN, question, runOpenCode } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { withOpenCodeServer } from "../harness/opencode/opencode-server.ts"
import { startSession } from "../harness/opencode/opencode-session.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it, signedIn } from "../harness/opencode/with-opencode.ts"
import { PNG_12_BY_8 } from "../harness/shared/pictures.ts"
import { toolCallAnswer } from "../harness/shared/scripted-stream.ts"

const TURNS = 40
const MCP_SERVER = fileURLToPath(new URL("../workers/mcp-server.mjs", import.meta.url))

const ask = (home: ThrowawayHome, text: string, ...more: string[]) => runOpenCode(home, [...question(text), ...more])

describe.skipIf(opencodeMissing)("a conversation in the real OpenCode", () => {
  it("calls several tools at once in several rounds", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    const at = (name: string) => join(home.project, name)
    const write = (name: string) => ({
      name: "write",
      arguments: { filePath: at(name), content: `of ${name}\n` },
    })
    const read = (name: string) => ({ name: "read", arguments: { filePath: at(name) } })
    const rounds = [
      toolCallAnswer(1, [write("a.txt"), write("b.txt"), write("c.txt")]),
      toolCallAnswer(2, [read("a.txt"), read("b.txt")]),
      toolCallAnswer(3, [
        { name: "bash", arguments: { command: "cat a.txt b.txt c.txt > d.txt", description: "Join" } },
      ]),
    ]
    await simulator.control("scenario", { answers: { chat: { queue: rounds } } })
    const result = await ask(home, "Please make these files")

    expect(result.code).toBe(0)
    expect(await readFile(at("d.txt"), "utf8")).toBe("of a.txt\nof b.txt\nof c.txt\n")
    expect(result.output).toContain("The bash tool")
    const chats = await sentChats(simulator)
    expect(chats.map(({ messages }) => messages.length)).toEqual([2, 6, 9, 11])
    const last = chats.at(-1)
    expect(last?.messages.map(({ role, tool_calls = [], tool_call_id }) => [role, tool_call_id ?? tool_calls.length]))
      // biome-ignore format: a message a line
      .toEqual([
      ["system", 0],
      ["user", 0],
      ["assistant", 3],
      ["tool", "call_1_0"],
      ["tool", "call_1_1"],
      ["tool", "call_1_2"],
      ["assistant", 2],
      ["tool", "call_2_0"],
      ["tool", "call_2_1"],
      ["assistant", 1],
      ["tool", "call_3_0"],
    ])
    expect(textOf(last?.messages[7])).toContain("of a.txt")
    expect(textOf(last?.messages[8])).toContain("of b.txt")
    expectGrowing(chats)
  })

  it("sends an image to vision-model byte for byte", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    const file = join(home.project, "picture.png")
    await writeFile(file, Buffer.from(PNG_12_BY_8, "base64"))
    const args = [...question("What is this?", "alibaba/vision-model"), "-f", file]
    const result = await runOpenCode(home, args)

    expect(result.output).toContain("I see an image (PNG, 12 × 8).")
    const [chat] = await sentChats(simulator)
    expect(chat?.model).toBe("vision-model")
    const content = chat?.messages.at(-1)?.content
    // `opencode run` puts a question into quotation marks.
    expect(content).toContainEqual({ type: "text", text: '"What is this?"' })
    const images = Array.isArray(content) ? content.filter(({ type }) => type === "image_url") : []
    expect(images).toEqual([{ type: "image_url", image_url: { url: `data:image/png;base64,${PNG_12_BY_8}` } }])
  })

  it(`of ${TURNS} turns with a refresh in the middle is answered correctly, and its start never changes`, async ({
    simulator,
    home,
  }) => {
    await signedIn(simulator, home)
    const answers: string[] = []
    const cached: number[] = []
    await withOpenCodeServer(home, async (server) => {
      const session = await startSession(server)
      for (let number = 1; number <= TURNS; number++) {
        if (number === TURNS / 2) await simulator.control("expire-tokens")
        const { text, error, cachedTokens } = await session.ask(`What is ${number} times 7?`)
        expect({ text, error }).toEqual({ text: `${number} times 7 = ${number * 7}`, error: undefined })
        answers.push(text)
        cached.push(cachedTokens)
      }
    })

    expect(await simulator.refreshes()).toBe(1)
    const all = await sentChats(simulator)
    // The refused request was sent again unchanged.
    const chats = all.filter((chat, index) => chat.messages.length !== all[index - 1]?.messages.length)
    expect(all).toHaveLength(TURNS + 1)
    expect(chats).toHaveLength(TURNS)
    expectGrowing(chats)
    const conversation = answers.flatMap((answer, index) => [`What is ${index + 1} times 7?`, answer])
    expect(chats.at(-1)?.messages.slice(1).map(textOf)).toEqual(conversation.slice(0, -1))
    expect(new Set(chats.map(({ messages }) => textOf(messages[0]))).size).toBe(1)
    expect(new Set(chats.map(({ tools }) => JSON.stringify(tools))).size).toBe(1)
    expect(cached[0]).toBe(0)
    expect(new Set(cached.slice(1)).size).toBe(1)
    expect(cached[1]).toBeGreaterThan(0)
  })
})

describe.skipIf(opencodeMissing)("the prompt about tool names", () => {
  it("names MCP servers, is the same in every run, and is left out by a setting", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    const other = await simulator.apiKey("payg")
    const config = {
      mcp: { "weather desk": { type: "local", command: [process.execPath, MCP_SERVER] } },
      provider: {
        other: {
          npm: "@ai-sdk/openai-compatible",
          options: { baseURL: `${simulator.origin}/_hosts/${other.host}/compatible-mode/v1`, apiKey: other.key },
          models: { "qwen3-coder-plus": {} },
        },
      },
    }
    await configure(home, config)
    let prompt = ""
    await withOpenCodeServer(home, async (server) => {
      const askOnce = async (model?: { providerID: string; modelID: string }) => {
        const session = await startSession(server, model)
        expect(await session.ask("What is 6 times 7?")).toMatchObject({ text: "6 times 7 = 42" })
        return (await sentChats(simulator)).at(-1)
      }
      // OpenCode starts its MCP servers with the first question, and may then answer too late for the hook.
      await askOnce()
      const chat = await askOnce()
      prompt = toolPromptIn(chat)
      expect(prompt).toContain("- write_file → write(content, filePath)")
      expect(prompt).toContain("- mcp__<server>__<tool> → tools whose names begin with weather_desk_")
      expect(chat?.tools?.map(({ function: { name } }) => name)).toContain("weather_desk_forecast")

      const toOther = await askOnce({ providerID: "other", modelID: "qwen3-coder-plus" })
      expect(toOther?.host).toBe(other.host)
      expect(toolPromptIn(toOther)).toBe("")

      await writeFile(home.authConfigFile, '{"qwenMode": false}')
      await server.post("/instance/dispose")
      expect(toolPromptIn(await askOnce())).toBe("")
    })

    await writeFile(home.authConfigFile, '{\n  "qwenMode": false,\n  "credentials": own\n}\n')
    const { output } = await ask(home, "What is 6 times 7?", "--print-logs")
    expect(output).toContain("6 times 7 = 42")
    expect(output).toContain(
      `The configuration ${home.authConfigFile} is not valid JSON (line 3, column 18). The defaults are used.`,
    )
    expect(toolPromptIn((await sentChats(simulator)).at(-1))).toBe(prompt)
  })

  it("is left out with QWEN_MODE=0 and with the plugin's option", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await ask({ ...home, env: { ...home.env, QWEN_MODE: "0" } }, "What is 6 times 7?")
    await configure(home, { plugin: [[BUILT_PLUGIN, { qwenMode: false }]] })
    await ask(home, "What is 6 times 7?")

    const chats = await sentChats(simulator)
    expect(chats.map(toolPromptIn)).toEqual(["", ""])
    expect(chats.map(({ messages }) => textOf(messages[0]).length > 1_000)).toEqual([true, true])
  })
})

/** Expects that each request begins with its only system message and contains the messages of the request before it. */
function expectGrowing(chats: readonly SentChat[]): void {
  for (const [index, { messages }] of chats.entries()) {
    expect(messages.map(({ role }) => role).lastIndexOf("system")).toBe(0)
    const before = chats[index - 1]?.messages ?? []
    expect(messages.slice(1, before.length)).toEqual(before.slice(1))
    expect(messages.length).toBeGreaterThan(before.length)
  }
}

/** The text that the plugin has added to the system message. */
function toolPromptIn(chat: SentChat | undefined): string {
  return /# Tool names\n[\s\S]*$/.exec(textOf(chat?.messages[0]))?.[0] ?? ""
}
