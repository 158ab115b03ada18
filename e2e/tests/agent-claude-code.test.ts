import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect } from "vitest"
import {
  agentSuite,
  expectAsked,
  expectCancelled,
  HELD_BACK,
  PNG,
  testWithAgent,
} from "../harness/agents/agent-test.ts"

const it = testWithAgent({
  agent: "claude",
  plan: "token",
  env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1" },
})
const { title, missing } = agentSuite("claude")
const DOOR = "/apps/anthropic/v1/messages"

describe.skipIf(missing)(title, () => {
  it("answers, with the plan's models and limits, and asks no other host", async ({ home, simulator }) => {
    expect(await home.answer("-p", "What is 6 * 7?")).toBe("6 * 7 = 42\n")
    const log = await simulator.log()
    const asked = log.filter(({ path }) => path === DOOR)
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200))
    expect(asked.at(-1)?.body).toMatchObject({ model: "qwen3.7-plus", max_tokens: 32_768 })
    expect(asked.at(-1)?.headers["user-agent"]).toMatch(/^claude-cli\//)
    expect(log.filter(({ method }) => method === "CONNECT")).toEqual([])
  })

  it("streams word by word", async ({ home }) => {
    const events = await home.answer(
      ...["-p", "Reply with exactly: one two three four", "--output-format", "stream-json", "--verbose"],
      "--include-partial-messages",
    )
    expect([...events.matchAll(/"text_delta","text":"([^"]*)"/g)].map(([, text]) => text).join("|")).toBe(
      "one |two |three |four",
    )
  })

  it("reads a file, and writes one", async ({ home, simulator }) => {
    const note = join(home.project, "note.txt")
    await writeFile(note, "the word is heron\n")
    await simulator.control("scenario", { chat: { toolCalls: [{ name: "Read", arguments: { file_path: note } }] } })
    expect(await home.answer("-p", "What does note.txt say?")).toMatch(/The Read tool answered: .*the word is heron/)
    await simulator.control("scenario", { chat: { toolCalls: null } })
    expect(await home.answer("-p", "create a hello world file", "--permission-mode", "acceptEdits")).toContain("Done")
    expect(await readFile(join(home.project, "hello.txt"), "utf8")).toBe("Hello, world!\n")
  })

  it("shows an image", async ({ home, simulator }) => {
    const image = join(home.project, "image.png")
    await writeFile(image, PNG)
    await simulator.control("scenario", { chat: { toolCalls: [{ name: "Read", arguments: { file_path: image } }] } })
    await home.answer("-p", "What is in image.png?")
    const asked = (await simulator.log()).filter(({ path }) => path === DOOR)
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200))
    expect(JSON.stringify(asked.at(-1)?.body)).toMatch(/"type":"image","source":\{[^}]*"data":"iVBORw0KGgo/)
  })

  it("says when the plan is used up", async ({ home, simulator }) => {
    await simulator.control("scenario", {
      answers: { planMessages: { standing: { named: "token-month-used-up-native" } } },
    })
    const { ended, output } = home.start("-p", "What is 6 * 7?")
    expect(await ended).toBe(1)
    expect(output.stdout).toMatch(/Token Plan/)
  })

  it("ends with Ctrl-C, and cancels its request", async ({ home, simulator }) => {
    await simulator.control("scenario", { answers: { planMessages: { standing: HELD_BACK } } })
    const { child, ended } = home.start("-p", "What is 6 * 7?")
    await expectAsked(simulator, DOOR)
    child.kill("SIGINT")
    expect([0, 1, 130]).toContain(await ended)
    await expectCancelled(simulator, DOOR)
  })
})
