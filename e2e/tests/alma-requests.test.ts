import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type ModelMessage, stepCountIs, streamText } from "ai"
import * as v from "valibot"
import { describe, expect } from "vitest"
import { allOutput } from "../../packages/alma/test-host/load-plugin.ts"
import { ALMA_PROFILES, signInThroughConsole, signInWithAccount, signInWithKey } from "../harness/alma/alma.ts"
import { almaModel, ask, readTool } from "../harness/alma/ask.ts"
import { leaveSignIn } from "../harness/alma/sign-in-file.ts"
import { PNG_1_BY_1 } from "../harness/shared/pictures.ts"
import type { LoggedRequest } from "../harness/shared/simulator-process.ts"

const Messages = v.object({ messages: v.array(v.looseObject({ role: v.string(), content: v.unknown() })) })
const messagesOf = (request: LoggedRequest | undefined) => v.parse(Messages, request?.body).messages

const StoredAccount = v.pipe(v.string(), v.parseJson(), v.object({ refresh_token: v.string() }))

describe.each(ALMA_PROFILES)("Alma $name", ({ it }) => {
  describe("Alma's AI SDK with a Qwen account", () => {
    it("answers with text", async ({ alma, simulator }) => {
      await signInWithAccount(alma, simulator)
      expect(await ask(alma, "What is 6 times 7?")).toContain("42")
      expect(await simulator.chats()).toMatchObject([
        // The sign-in is checked with one smallest request.
        { host: "portal.qwen.ai", body: { model: "coder-model", max_tokens: 1 } },
        { host: "portal.qwen.ai", body: { model: "coder-model" } },
      ])
    })

    it("calls several tools at once and in several rounds", async ({ alma, simulator }) => {
      await signInWithAccount(alma, simulator)
      const toolCalls = ["a.txt", "b.txt"].map((path) => ({ name: "Read", arguments: { file_path: path } }))
      await simulator.control("scenario", { chat: { toolCalls } })
      const { Read, read } = readTool()
      const result = streamText({
        model: await almaModel(alma),
        system: "You are Alma.",
        prompt: "Read both files.",
        tools: { Read },
        stopWhen: stepCountIs(4),
      })
      expect((await result.text).length).toBeGreaterThan(0)
      expect(read).toEqual(["a.txt", "b.txt"])
      expect((await result.steps).map(({ toolCalls: calls }) => calls.length)).toEqual([2, 0])

      const [, first, second] = await simulator.chats()
      const system = JSON.stringify(messagesOf(first)[0]?.content)
      expect(system).toContain("You are Alma.")
      expect(system).toContain("read_file, read_many_files → Read(file_path)")
      // The provider's prompt cache works only while the start of the prompt does not change.
      expect(JSON.stringify(messagesOf(second)[0])).toBe(JSON.stringify(messagesOf(first)[0]))
    })

    it("does not mention tool names without tools or with the setting off", async ({ alma, simulator }) => {
      await signInWithAccount(alma, simulator)
      await ask(alma, "Hello")
      alma.settings.change("qwenAuth.toolNames", false)
      await streamText({ model: await almaModel(alma), prompt: "Hello", tools: { Read: readTool().Read } }).text

      const [, without, withTools] = await simulator.chats()
      expect(JSON.stringify(messagesOf(without))).not.toContain("Tool names")
      expect(withTools?.body).toHaveProperty("tools")
      expect(JSON.stringify(messagesOf(withTools))).not.toContain("Tool names")
    })

    it("sends images to qwen3-vl-plus unchanged", async ({ alma, simulator }) => {
      await signInWithAccount(alma, simulator)
      const content: ModelMessage["content"] = [
        { type: "text", text: "What is this?" },
        { type: "image", image: Buffer.from(PNG_1_BY_1, "base64"), mediaType: "image/png" },
      ]
      const { text } = streamText({
        model: await almaModel(alma, "qwen3-vl-plus"),
        messages: [{ role: "user", content }],
      })
      expect(await text).toMatch(/PNG, 1 × 1/)
      const [, request] = await simulator.chats()
      expect(request?.body).toMatchObject({ model: "vision-model" })
      expect(JSON.stringify(messagesOf(request).at(-1))).toContain(PNG_1_BY_1)
    })

    it("passes the reasoning on", async ({ alma, simulator }) => {
      await signInWithAccount(alma, simulator)
      await simulator.control("scenario", { chat: { reasoning: true } })
      const result = streamText({ model: await almaModel(alma), prompt: "What is 6 times 7?" })
      expect(await result.text).toContain("42")
      expect((await result.reasoningText)?.length).toBeGreaterThan(0)
    })

    it("stops a stream when Alma aborts it", async ({ alma, simulator }) => {
      await signInWithAccount(alma, simulator)
      await simulator.control("scenario", { chat: { chunks: 10_000, chunkDelayMs: 5 } })
      const stop = new AbortController()
      let seen = ""
      const result = streamText({ model: await almaModel(alma), prompt: "Hello", abortSignal: stop.signal })
      for await (const part of result.textStream) {
        seen += part
        if (seen.length > 50) stop.abort()
      }
      expect(seen.length).toBeLessThan(10_000)
    })

    it("refreshes an expired token and a rejected one in the middle of a conversation", async ({
      alma: before,
      start,
      simulator,
    }) => {
      await signInWithAccount(before, simulator)
      const { secrets } = before
      // The token expired while Alma was closed.
      for (const [key, text] of secrets.values) secrets.values.set(key, text.replace(/(?<="expiry_date": )\d+/, "1"))
      const alma = await start({ secrets })
      expect(await ask(alma, "What is 6 times 7?")).toContain("42")
      expect(await simulator.refreshes()).toBe(1)
      await simulator.control("expire-tokens")
      expect(await ask(alma, "What is 3 times 3?")).toContain("9")
      expect(await simulator.refreshes()).toBe(2)
      // The check of the sign-in, two questions, and the request that was rejected. The expired token was never sent.
      expect(await simulator.chats()).toHaveLength(4)
      await alma.run("qwen-auth.status")
      expect(allOutput(alma)).toContain("The token was last refreshed at")
    })

    it("passes the service's answer on unchanged", async ({ alma, simulator }) => {
      await signInWithAccount(alma, simulator)
      const { fetch, baseURL } = await alma.provider().getSDKConfig()
      const body = JSON.stringify({ model: "qwen3-max", stream: true, messages: [{ role: "user", content: "Hello" }] })
      const stream = 'data: {"choices":[{"delta":{"content":"\\u00e4 \u{1f916}"}}]}\n\n: comment\n\ndata: [DONE]\n\n'
      const headers = { "content-type": "text/event-stream" }
      await simulator.control("scenario", { answers: { chat: { queue: [{ body: stream, headers }] } } })
      const answer = await fetch(`${baseURL}/chat/completions`, { method: "POST", body })
      expect(await answer.text()).toBe(stream)
    })

    it("explains an ended free tier and then counts as signed out", async ({ alma, simulator }) => {
      await signInWithAccount(alma, simulator)
      await simulator.control("scenario", { freeTier: "ended-429" })
      const { fetch, baseURL } = await alma.provider().getSDKConfig()
      const body = JSON.stringify({ model: "qwen3-max", messages: [{ role: "user", content: "Hello" }] })
      const answer = await fetch(`${baseURL}/chat/completions`, { method: "POST", body })
      expect(answer.status).toBe(403)
      expect(await answer.text()).toContain("Alibaba ended the free Qwen OAuth tier on 2026-04-15")
      expect(await alma.provider().isAuthenticated()).toBe(false)
      await alma.run("qwen-auth.status")
      expect(allOutput(alma)).toContain("choose Model Studio API key")
    })

    it("asks for a sign-in when there is none", async ({ alma }) => {
      const { fetch, baseURL } = await alma.provider().getSDKConfig()
      const answer = await fetch(`${baseURL}/models`)
      expect([answer.status, await answer.text()]).toEqual([
        401,
        expect.stringContaining("Run: Login to Qwen (Alibaba)"),
      ])
    })
  })

  describe("Alma with an API key", () => {
    it("sends Alma's request to the key's endpoint, marked for the prompt cache", async ({ alma, simulator }) => {
      const { key, host } = await simulator.apiKey("token", { region: "china" })
      await signInWithKey(alma, key)
      expect(await ask(alma, "What is 6 times 7?", "qwen3.7-plus")).toContain("42")
      const [request] = await simulator.chats()
      expect(request).toMatchObject({ host, body: { model: "qwen3.7-plus" } })
      const marked = { type: "text", text: "What is 6 times 7?", cache_control: { type: "ephemeral" } }
      expect(messagesOf(request)).toEqual([{ role: "user", content: [marked] }])
      const ours = Object.keys(request?.headers ?? {}).filter((name) => name.startsWith("x-dashscope"))
      expect(ours).toEqual(["x-dashscope-cachecontrol"])
    })

    it("sends the API's name of the model", async ({ alma, simulator }) => {
      const { key } = await simulator.apiKey("payg")
      await signInWithKey(alma, key)
      await ask(alma, "Hello", "qwen3-235b-a22b-instruct")
      expect((await simulator.chats())[0]?.body).toMatchObject({ model: "qwen3-235b-a22b-instruct-2507" })
    })

    it("replaces an account, and an account replaces it", async ({ alma, simulator }) => {
      await signInWithAccount(alma, simulator)
      const { key } = await simulator.apiKey("payg")
      await signInWithKey(alma, key)
      expect([...alma.secrets.values.values()].join()).not.toContain("refresh_token")
      await signInWithAccount(alma, simulator)
      expect([...alma.secrets.values.values()].join()).not.toContain(key)
      expect(await ask(alma, "What is 6 times 7?")).toContain("42")
    })
  })

  describe("the published createChatCompletion", () => {
    const messages = [{ id: "1", threadId: "1", role: "user" as const, content: "What is 6 times 7?", createdAt: "" }]

    it("returns a text or a stream", async ({ alma, simulator }) => {
      await signInWithAccount(alma, simulator)
      const provider = alma.provider()
      expect(await provider.createChatCompletion({ model: "qwen3-max", messages })).toEqual({
        content: expect.stringContaining("42"),
      })
      const stream = await provider.createChatCompletion({ model: "qwen3-max", messages, stream: true })
      if (!(stream instanceof ReadableStream)) throw new Error("expected a stream")
      let text = ""
      for await (const piece of stream) text += new TextDecoder().decode(v.parse(v.instance(Uint8Array), piece))
      expect(text).toContain("data: [DONE]")
    })
  })

  describe("secrets", () => {
    it("are only in Alma's secret storage and in requests to allowed hosts", async ({ start, simulator, home }) => {
      const shared = join(home, ".qwen", "oauth_creds.json")
      const planted = "sk-key-of-another-program-1234567890"
      await mkdir(join(home, ".bailian"))
      await writeFile(join(home, ".bailian", "config.json"), JSON.stringify({ api_key: planted }))
      const alma = await start({ settings: { "qwenAuth.debugLog": true } })
      await signInWithAccount(alma, simulator)
      await ask(alma, "Hello")
      await simulator.control("expire-tokens")
      await ask(alma, "Hello")
      await simulator.control("revoke-refresh-tokens")
      await simulator.control("expire-tokens")
      await ask(alma, "Hello").catch(() => {})
      const { key } = await simulator.apiKey("coding")
      await signInWithKey(alma, key)
      await ask(alma, "Hello", "qwen3.7-plus").catch(() => {})
      await signInThroughConsole(alma, simulator)
      await ask(alma, "Hello", "qwen3-max")
      alma.user.picks("Found: API key in ~/.bailian/config.json")
      await alma.run("qwen-auth.login")
      await leaveSignIn(simulator, shared)
      alma.user.picks("Qwen Code's sign-in (shared)")
      await alma.run("qwen-auth.login")
      await ask(alma, "Hello")
      await simulator.control("expire-tokens")
      await ask(alma, "Hello")
      await alma.run("qwen-auth.status")

      const secrets = (await simulator.log()).flatMap(({ headers, body }) => {
        const form = v.safeParse(v.record(v.string(), v.string()), body)
        const { device_code, code_verifier, refresh_token } = form.success ? form.output : {}
        const credential = String(headers["authorization"] ?? "").replace("Bearer ", "")
        return [credential, device_code, code_verifier, refresh_token]
      })
      const known = [
        ...new Set([...secrets, key, planted].filter((secret) => secret !== undefined && secret.length > 8)),
      ]
      expect(known.length).toBeGreaterThan(10)
      const elsewhere = [allOutput(alma), ...alma.local.values(), ...alma.workspace.values()].join("\n")
      for (const secret of known) expect(elsewhere).not.toContain(secret)
      // An account that is used in place is not copied.
      const { refresh_token } = v.parse(StoredAccount, await readFile(shared, "utf8"))
      expect([...alma.secrets.values.values(), elsewhere].join()).not.toContain(refresh_token)
      for (const { host } of alma.requests)
        expect(host).toMatch(
          /(^|\.)(qwen\.ai|dashscope\.aliyuncs\.com|maas\.aliyuncs\.com|dashscope-(intl|us)\.aliyuncs\.com)$/,
        )
    })
  })
})
