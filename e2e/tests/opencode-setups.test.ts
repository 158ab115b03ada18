import { cp, mkdir, readdir, readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import * as v from "valibot"
import { describe, expect } from "vitest"
import { configure } from "../harness/opencode/configuration.ts"
import { BUILT_PLUGIN, question, runOpenCode } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { withOpenCodeServer } from "../harness/opencode/opencode-server.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it, signedInToPlan } from "../harness/opencode/with-model-studio.ts"
import { readAuthEntry, writePrivately } from "../harness/opencode/with-opencode.ts"
import { readSignIn, signInTo } from "../harness/shared/stored-sign-in.ts"

const QUESTION = "What is 6 times 7?"
const SIGN_IN = "Authentication required. Please run: opencode auth login"
const ask = (home: ThrowawayHome, model?: string) => runOpenCode(home, question(QUESTION, model))

describe.skipIf(opencodeMissing)("a setup that cannot work is explained without sending the prompt", () => {
  it("options without a credential and without a sign-in", async ({ simulator, home }) => {
    await configure(home, { provider: { alibaba: { options: { timeout: 600_000, headers: { "X-Team": "a" } } } } })

    expect((await ask(home, "alibaba/qwen3-coder-plus")).output).toContain(SIGN_IN)
    expect(await simulator.log()).toEqual([])
  })

  it("a plan's key in OpenCode's variable for pay as you go", async ({ simulator, home }) => {
    const { key } = await simulator.apiKey("coding")
    const result = await ask({ ...home, env: { ...home.env, DASHSCOPE_API_KEY: key } })

    expect(result.output).toContain("is a plan's key (sk-sp-…), which pay as you go does not accept")
    expect(result.output).toContain("BAILIAN_CODING_PLAN_API_KEY")
    expect(result.output).not.toContain(key)
    expect(await simulator.log()).toEqual([])
  })

  it("a plan's key that OpenCode stored without this plugin", async ({ simulator, home }) => {
    const { key } = await simulator.apiKey("token", { region: "china" })
    await writePrivately(home.authFile, { alibaba: { type: "api", key } })

    expect((await ask(home)).output).toContain("is a plan's key (sk-sp-…), which pay as you go does not accept")
    expect(await simulator.log()).toEqual([])
  })

  it("the SDK for Anthropic's format with a sign-in by key", async ({ simulator, home }) => {
    await configure(home, { provider: { alibaba: { npm: "@ai-sdk/anthropic" } } })
    await signedInToPlan(simulator, home, "coding", "china")

    expect((await ask(home)).output).toContain('Remove "npm" from provider.alibaba')
    expect(await simulator.chats()).toEqual([])
    expect((await simulator.log()).filter(({ method }) => method === "POST")).toEqual([])
  })

  it("the SDK for Anthropic's format with OpenCode's own key", async ({ simulator, home }) => {
    await configure(home, { provider: { alibaba: { npm: "@ai-sdk/anthropic" } } })
    const { key } = await simulator.apiKey("payg")
    const result = await ask({ ...home, env: { ...home.env, DASHSCOPE_API_KEY: key } })

    expect(result.output).toContain('Remove "npm" from provider.alibaba')
    expect(await simulator.log()).toEqual([])
  })
})

describe.skipIf(opencodeMissing)("opencode agent create with a Coding Plan key", () => {
  it("creates the agent, because the plan recognises OpenCode", async ({ simulator, home }) => {
    await signedInToPlan(simulator, home, "coding", "china")
    const agent = { identifier: "code-reviewer", whenToUse: "Use it to review code.", systemPrompt: "You review code." }
    await simulator.control("scenario", { chat: { reply: JSON.stringify(agent) } })
    const folder = join(home.project, "agents")
    const result = await runOpenCode(home, [
      ...["agent", "create", "--path", folder, "--description", "reviews code", "--mode", "all"],
      ...["--permissions", "read", "--model", "alibaba/qwen3-coder-plus"],
    ])

    expect(result.output).not.toContain("failed")
    const [chat] = await simulator.chats()
    expect(chat?.headers["user-agent"]).toMatch(/^opencode\/\d+\.\d+\.\d+ ai\/\S+ .*runtime\/bun/)
    const files = await readdir(folder, { recursive: true })
    const file = files.find((path) => path.endsWith("code-reviewer.md"))
    expect(await readFile(join(folder, file ?? ""), "utf8")).toContain("You review code.")
  })
})

describe.skipIf(opencodeMissing)("two copies of the plugin", () => {
  it("add the prompt about tool names once", async ({ simulator, home }) => {
    const copy = join(home.root, "copy")
    await mkdir(copy)
    await cp(dirname(fileURLToPath(BUILT_PLUGIN)), copy, { recursive: true })
    await configure(home, { plugin: [BUILT_PLUGIN, pathToFileURL(join(copy, "index.js")).href] })
    await signedInToPlan(simulator, home, "coding", "china")

    expect((await ask(home)).output).toContain("42")
    const [chat] = await simulator.chats()
    expect(JSON.stringify(chat?.body).match(/# Tool names/g)).toHaveLength(1)
  })
})

describe.skipIf(opencodeMissing)("a sign-in method that was chosen from a list", () => {
  it("stays the same when another sign-in appears and OpenCode reloads the plugin", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    const qwenCodeFile = join(home.env["HOME"] ?? "", ".qwen", "oauth_creds.json")
    await signInTo(simulator, qwenCodeFile)
    await withOpenCodeServer(home, async (server) => {
      const labels = v
        .parse(Methods, await (await server.get("/provider/auth")).json())
        .alibaba.map(({ label }) => label)
      const method = labels.indexOf("Qwen Code's sign-in (shared)")
      expect(method).toBe(labels.length - 1)
      await signInTo(simulator, home.tokenFile)
      await server.post("/instance/dispose")
      expect((await server.post("/provider/alibaba/oauth/authorize", { method })).ok).toBe(true)
      expect((await server.post("/provider/alibaba/oauth/callback", { method })).ok).toBe(true)
    })

    expect((await readAuthEntry(home))?.access).toBe((await readSignIn(qwenCodeFile)).access_token)
  })
})

describe.skipIf(opencodeMissing)("debug messages", () => {
  it("are in OpenCode's own log with --log-level DEBUG", async ({ home }) => {
    const debugging = { ...home, env: { ...home.env, DEBUG_QWEN_PLUGIN: "1" } }
    const started = "qwen-auth: The plugin starts."
    // The code that logs is loaded by a request, not by OpenCode's start.
    const args = [...question("What is 6 times 7?"), "--print-logs"]

    expect((await runOpenCode(debugging, args)).stderr).not.toContain(started)
    expect((await runOpenCode(debugging, [...args, "--log-level", "DEBUG"])).stderr).toContain(started)
  })
})

const Methods = v.object({ alibaba: v.array(v.object({ label: v.string() })) })
