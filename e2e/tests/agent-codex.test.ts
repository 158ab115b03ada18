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
  agent: "codex",
  plan: "payg",
  files: {
    ".codex/config.toml":
      "check_for_update_on_startup = false\n[analytics]\nenabled = false\n[features]\napps = false\nplugins = false\n",
  },
})
const { title, missing } = agentSuite("codex")
const DOOR = "/compatible-mode/v1/responses"
/** Its own sandbox needs rights that a container does not have. */
const HEADLESS = ["exec", "--skip-git-repo-check", "--sandbox", "danger-full-access"]

describe.skipIf(missing)(title, () => {
  it("answers without a configuration of its own, and asks no other host", async ({ home, simulator }) => {
    expect(await home.answer(...HEADLESS, "What is 6 * 7?")).toBe("6 * 7 = 42\n")
    const log = await simulator.log()
    const asked = log.filter(({ path }) => path === DOOR)
    expect(asked.map(({ status }) => status)).toEqual([200])
    expect(asked[0]?.body).toMatchObject({ model: "qwen3.7-plus", stream: true })
    expect(asked[0]?.headers["user-agent"]).toMatch(/^codex_exec\//)
    expect(log.filter(({ method }) => method === "CONNECT")).toEqual([])
  })

  it("prints events of what it streams, thoughts and usage included", async ({ home, simulator }) => {
    await simulator.control("scenario", { chat: { reasoning: true } })
    const events = await home.answer(...HEADLESS, "--json", "What is 6 * 7?")
    expect(events).toMatch(/"type":"agent_message","text":"6 \* 7 = 42"/)
    expect(events).toMatch(/"type":"turn.completed","usage":\{"input_tokens":[1-9]/)
  })

  it("reads a file, and writes one", async ({ home, simulator }) => {
    await writeFile(join(home.project, "note.txt"), "the word is heron\n")
    const call = (cmd: string) =>
      simulator.control("scenario", { chat: { toolCalls: [{ name: "exec_command", arguments: { cmd } }] } })
    await call("cat note.txt")
    await home.answer(...HEADLESS, "What does note.txt say?")
    const asked = (await simulator.log()).filter(({ path }) => path === DOOR)
    expect(asked).toHaveLength(2)
    expect(JSON.stringify(asked[1]?.body)).toMatch(/"type":"function_call_output".*the word is heron/)
    await call("echo hello > hello.txt")
    await home.answer(...HEADLESS, "Write hello.txt")
    expect(await readFile(join(home.project, "hello.txt"), "utf8")).toBe("hello\n")
  })

  it("shows an image", async ({ home }) => {
    await writeFile(join(home.project, "image.png"), PNG)
    expect(await home.answer(...HEADLESS, "What is in this image?", "-i", "image.png")).toMatch(/image \(PNG, 12 × 8\)/)
  })

  it("says when the free allowance is used up", async ({ home, simulator }) => {
    await simulator.control("scenario", { answers: { planResponses: { standing: { named: "free-tier-only" } } } })
    const { ended, output } = home.start(...HEADLESS, "What is 6 * 7?")
    expect(await ended).toBe(1)
    expect(output.stderr).toMatch(/free/i)
  })

  it("ends with Ctrl-C, and cancels its request", async ({ home, simulator }) => {
    await simulator.control("scenario", { answers: { planResponses: { standing: HELD_BACK } } })
    const { child, ended } = home.start(...HEADLESS, "What is 6 * 7?")
    await expectAsked(simulator, DOOR)
    child.kill("SIGINT")
    expect([0, 1, 130]).toContain(await ended)
    await expectCancelled(simulator, DOOR)
  })
})
