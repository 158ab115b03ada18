import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect } from "vitest"
import { describeAgent } from "../harness/agents/agent-test.ts"
import { PNG_12_BY_8 } from "../harness/shared/pictures.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

const PATH = "/compatible-mode/v1/responses"
/** Codex's own sandbox needs rights that a container does not have. */
const HEADLESS = ["exec", "--skip-git-repo-check", "--sandbox", "danger-full-access"]
const QUESTION = [...HEADLESS, "What is 6 * 7?"]
const requestsTo = async (simulator: Simulator) => (await simulator.log()).filter(({ path }) => path === PATH)

describeAgent(
  {
    agent: "codex",
    plan: "payg",
    question: QUESTION,
    endpoint: { name: "planResponses", path: PATH },
    files: {
      ".codex/config.toml":
        "check_for_update_on_startup = false\n[analytics]\nenabled = false\n[features]\napps = false\nplugins = false\n",
    },
  },
  (it) => {
    it("answers without configuration and sends nothing to other hosts", async ({ home, simulator }) => {
      expect(await home.answer(...QUESTION)).toBe("6 * 7 = 42\n")
      const requests = await requestsTo(simulator)
      expect(requests.map(({ status }) => status)).toEqual([200])
      expect(requests[0]?.body).toMatchObject({ model: "qwen3.7-plus", stream: true })
      expect(requests[0]?.headers["user-agent"]).toMatch(/^codex_exec\//)
      expect((await simulator.log()).filter(({ method }) => method === "CONNECT")).toEqual([])
    })

    it("prints the events of its stream, with thoughts and usage", async ({ home, simulator }) => {
      await simulator.control("scenario", { chat: { reasoning: true } })
      const events = await home.answer(...HEADLESS, "--json", "What is 6 * 7?")
      expect(events).toMatch(/"type":"agent_message","text":"6 \* 7 = 42"/)
      expect(events).toMatch(/"type":"turn.completed","usage":\{"input_tokens":[1-9]/)
    })

    it("reads a file and writes one", async ({ home, simulator }) => {
      await writeFile(join(home.project, "note.txt"), "the word is heron\n")
      const call = (cmd: string) =>
        simulator.control("scenario", { chat: { toolCalls: [{ name: "exec_command", arguments: { cmd } }] } })
      await call("cat note.txt")
      await home.answer(...HEADLESS, "What does note.txt say?")
      const requests = await requestsTo(simulator)
      expect(requests).toHaveLength(2)
      expect(JSON.stringify(requests[1]?.body)).toMatch(/"type":"function_call_output".*the word is heron/)
      await call("echo hello > hello.txt")
      await home.answer(...HEADLESS, "Write hello.txt")
      expect(await readFile(join(home.project, "hello.txt"), "utf8")).toBe("hello\n")
    })

    it("shows an image", async ({ home }) => {
      await writeFile(join(home.project, "image.png"), Buffer.from(PNG_12_BY_8, "base64"))
      expect(await home.answer(...HEADLESS, "What is in this image?", "-i", "image.png")).toMatch(
        /image \(PNG, 12 × 8\)/,
      )
    })

    it("says when the free allowance is used up", async ({ home, simulator }) => {
      await simulator.control("scenario", { answers: { planResponses: { standing: { named: "free-tier-only" } } } })
      const { ended, output } = home.start(...QUESTION)
      expect(await ended).toBe(1)
      expect(output.stderr).toMatch(/free/i)
    })
  },
)
