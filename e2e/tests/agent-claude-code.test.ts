import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect } from "vitest"
import { describeAgent, textPieces } from "../harness/agents/agent-test.ts"
import { PNG_12_BY_8 } from "../harness/shared/pictures.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

const PATH = "/apps/anthropic/v1/messages"
const QUESTION = ["-p", "What is 6 * 7?"]
const requestsTo = async (simulator: Simulator) => (await simulator.log()).filter(({ path }) => path === PATH)

describeAgent(
  {
    agent: "claude",
    plan: "token",
    question: QUESTION,
    endpoint: { name: "planMessages", path: PATH },
    env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1" },
  },
  (it) => {
    it("answers with the plan's models and limits and sends nothing to other hosts", async ({ home, simulator }) => {
      expect(await home.answer(...QUESTION)).toBe("6 * 7 = 42\n")
      const requests = await requestsTo(simulator)
      expect(requests.map(({ status }) => status)).toEqual(requests.map(() => 200))
      expect(requests.at(-1)?.body).toMatchObject({ model: "qwen3.7-plus", max_tokens: 32_768 })
      expect(requests.at(-1)?.headers["user-agent"]).toMatch(/^claude-cli\//)
      expect((await simulator.log()).filter(({ method }) => method === "CONNECT")).toEqual([])
    })

    it("streams word by word", async ({ home }) => {
      const events = await home.answer(
        ...["-p", "Reply with exactly: one two three four", "--output-format", "stream-json", "--verbose"],
        "--include-partial-messages",
      )
      expect(textPieces(events).join("|")).toBe("one |two |three |four")
    })

    it("reads a file and writes one", async ({ home, simulator }) => {
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
      await writeFile(image, Buffer.from(PNG_12_BY_8, "base64"))
      await simulator.control("scenario", { chat: { toolCalls: [{ name: "Read", arguments: { file_path: image } }] } })
      await home.answer("-p", "What is in image.png?")
      const requests = await requestsTo(simulator)
      expect(requests.map(({ status }) => status)).toEqual(requests.map(() => 200))
      expect(JSON.stringify(requests.at(-1)?.body)).toMatch(/"type":"image","source":\{[^}]*"data":"iVBORw0KGgo/)
    })

    it("says when the plan is used up", async ({ home, simulator }) => {
      await simulator.control("scenario", {
        answers: { planMessages: { standing: { named: "token-month-used-up-native" } } },
      })
      const { ended, output } = home.start(...QUESTION)
      expect(await ended).toBe(1)
      expect(output.stdout).toMatch(/Token Plan/)
    })
  },
)
