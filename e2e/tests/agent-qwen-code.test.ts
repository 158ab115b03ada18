import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect } from "vitest"
import { describeAgent, textPieces } from "../harness/agents/agent-test.ts"
import { PNG_12_BY_8 } from "../harness/shared/pictures.ts"

const HEADLESS = ["--auth-type", "openai"]
const QUESTION = [...HEADLESS, "What is 6 * 7?"]

describeAgent(
  {
    agent: "qwen",
    plan: "coding",
    question: QUESTION,
    endpoint: { name: "planChat", path: "/v1/chat/completions" },
    files: {
      ".qwen/settings.json": JSON.stringify({
        general: { disableAutoUpdate: true, enableAutoUpdate: false },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
        // Without this setting, this version believes that the model takes no images.
        model: { generationConfig: { modalities: { image: true } } },
      }),
    },
    // Qwen Code sends requests to loopback through a proxy too, even if NO_PROXY excludes them.
    before: ["env", "-u", "HTTPS_PROXY"],
  },
  (it) => {
    it("answers as the coding agent that the plan knows", async ({ home, simulator }) => {
      expect(await home.answer(...QUESTION)).toBe("6 * 7 = 42")
      const chats = await simulator.chats()
      expect(chats.map(({ status }) => status)).toEqual([200])
      expect(chats[0]?.body).toMatchObject({ model: "qwen3.7-plus", stream: true })
      expect(chats[0]?.headers["user-agent"]).toMatch(/^QwenCode\//)
    })

    it("streams word by word", async ({ home }) => {
      const events = await home.answer(
        ...[...HEADLESS, "Reply with exactly: one two three four"],
        ...["--output-format", "stream-json", "--include-partial-messages"],
      )
      expect(textPieces(events).join("|")).toBe("one |two |three |four")
    })

    it("reads a file and writes one", async ({ home, simulator }) => {
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
      await writeFile(join(home.project, "image.png"), Buffer.from(PNG_12_BY_8, "base64"))
      expect(await home.answer(...HEADLESS, "What is in @image.png?")).toMatch(/image \(PNG, 12 × 8\)/)
    })

    it("says when the plan has lapsed", async ({ home, simulator }) => {
      await simulator.control("scenario", { answers: { planChat: { standing: { named: "plan-key-refused" } } } })
      const { ended, output } = home.start(...QUESTION)
      expect(await ended).not.toBe(0)
      expect(output.stderr + output.stdout).toMatch(/Coding Plan/)
    })
  },
)
