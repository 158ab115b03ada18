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
  agent: "qwen",
  plan: "coding",
  files: {
    ".qwen/settings.json": JSON.stringify({
      general: { disableAutoUpdate: true, enableAutoUpdate: false },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
      // By itself this version takes the model for one without images.
      model: { generationConfig: { modalities: { image: true } } },
    }),
  },
  // It sends requests to loopback through a proxy too, whatever NO_PROXY says.
  before: ["env", "-u", "HTTPS_PROXY"],
})
const { title, missing } = agentSuite("qwen")
const DOOR = "/v1/chat/completions"
const HEADLESS = ["--auth-type", "openai"]

describe.skipIf(missing)(title, () => {
  it("answers, as the coding agent that the plan knows", async ({ home, simulator }) => {
    expect(await home.answer(...HEADLESS, "What is 6 * 7?")).toBe("6 * 7 = 42")
    const asked = await simulator.chats()
    expect(asked.map(({ status }) => status)).toEqual([200])
    expect(asked[0]?.body).toMatchObject({ model: "qwen3.7-plus", stream: true })
    expect(asked[0]?.headers["user-agent"]).toMatch(/^QwenCode\//)
  })

  it("streams word by word", async ({ home }) => {
    const events = await home.answer(
      ...[...HEADLESS, "Reply with exactly: one two three four"],
      ...["--output-format", "stream-json", "--include-partial-messages"],
    )
    expect([...events.matchAll(/"text_delta","text":"([^"]*)"/g)].map(([, text]) => text).join("|")).toBe(
      "one |two |three |four",
    )
  })

  it("reads a file, and writes one", async ({ home, simulator }) => {
    const note = join(home.project, "note.txt")
    await writeFile(note, "the word is heron\n")
    await simulator.control("scenario", {
      chat: { toolCalls: [{ name: "read_file", arguments: { absolute_path: note, file_path: note } }] },
    })
    expect(await home.answer(...HEADLESS, "What does note.txt say?")).toContain("the word is heron")
    await simulator.control("scenario", { chat: { toolCalls: null } })
    await home.answer(...HEADLESS, "--approval-mode", "auto-edit", "create a hello world file")
    expect(await readFile(join(home.project, "hello.txt"), "utf8")).toMatch(/^Hello, world!\n?$/)
  })

  it("shows an image", async ({ home }) => {
    await writeFile(join(home.project, "image.png"), PNG)
    expect(await home.answer(...HEADLESS, "What is in @image.png?")).toMatch(/image \(PNG, 12 × 8\)/)
  })

  it("says when the plan has lapsed", async ({ home, simulator }) => {
    await simulator.control("scenario", { answers: { planChat: { standing: { named: "plan-key-refused" } } } })
    const { ended, output } = home.start(...HEADLESS, "What is 6 * 7?")
    expect(await ended).not.toBe(0)
    expect(output.stderr + output.stdout).toMatch(/Coding Plan/)
  })

  it("ends with Ctrl-C, and cancels its request", async ({ home, simulator }) => {
    await simulator.control("scenario", { answers: { planChat: { standing: HELD_BACK } } })
    const { child, ended } = home.start(...HEADLESS, "What is 6 * 7?")
    await expectAsked(simulator, DOOR)
    child.kill("SIGINT")
    expect([0, 1, 130]).toContain(await ended)
    await expectCancelled(simulator, DOOR)
  })
})
