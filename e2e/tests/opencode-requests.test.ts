import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import * as v from "valibot"
import { describe, expect } from "vitest"
import { question, runOpenCode } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it, moveExpiry, readAuthEntry, readTokenFile, signedIn } from "../harness/opencode/with-opencode.ts"
import type { LoggedRequest } from "../harness/shared/simulator-process.ts"

const ask = (home: ThrowawayHome, text: string, model?: string) => runOpenCode(home, question(text, model))

describe.skipIf(opencodeMissing)("asking in the real OpenCode", () => {
  it("answers", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    const result = await ask(home, "What is 6 times 7?")

    expect(result.stdout).toContain("42")
    expect(result.code).toBe(0)
    expect(await simulator.refreshes()).toBe(0)
  })

  it("uses OpenCode's own tools and writes the requested file", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    const result = await ask(home, "create a hello world file")

    expect(result.code).toBe(0)
    expect(await readFile(join(home.project, "hello.txt"), "utf8")).toMatch(/hello,? world/i)
    const roles = messagesOf((await simulator.chats()).at(-1)).map(({ role }) => role)
    expect(roles).toContain("tool")
  })

  it("refreshes an expired token and stores the new one in both stores", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    const before = await readTokenFile(home)
    await moveExpiry(home, Date.now() - 1000)
    await simulator.control("expire-tokens")
    const result = await ask(home, "What is 6 times 7?")

    expect(result.stdout).toContain("42")
    expect(await simulator.refreshes()).toBe(1)
    const after = await readTokenFile(home)
    expect(after.refresh_token).not.toBe(before.refresh_token)
    expect(after.expiry_date).toBeGreaterThan(Date.now())
    expect(await readAuthEntry(home)).toMatchObject({
      access: after.access_token,
      refresh: after.refresh_token,
      expires: after.expiry_date,
      enterpriseUrl: after.resource_url,
    })
  })

  it("refreshes once for three windows that find the token expired at the same time", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    // OpenCode creates its database at its first start. Three first starts at once fail over it.
    await ask(home, "Hello")
    await moveExpiry(home, Date.now() - 1000)
    await simulator.control("expire-tokens")
    await simulator.control("scenario", {
      token: { reuseRevokesFamily: true },
      answers: { refresh: { standing: { pass: true, delayMs: 300 } } },
    })
    const windows = await Promise.all([1, 2, 3].map(() => ask(home, "What is 6 times 7?")))

    for (const { output } of windows) expect(output).toContain("42")
    expect(await simulator.refreshes()).toBe(1)
    expect((await readAuthEntry(home))?.refresh).toBe((await readTokenFile(home)).refresh_token)
  })

  it("refreshes a token that looks valid and is rejected", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await simulator.control("expire-tokens")
    const result = await ask(home, "What is 6 times 7?")

    expect(result.stdout).toContain("42")
    expect(await simulator.refreshes()).toBe(1)
  })

  it("uses OpenCode's record when the file is missing, and stores the next refresh", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await rm(home.tokenFile)
    expect((await ask(home, "What is 6 times 7?")).stdout).toContain("42")
    await simulator.control("expire-tokens")
    expect((await ask(home, "What is 6 times 7?")).stdout).toContain("42")

    expect(await simulator.refreshes()).toBe(1)
    expect((await readTokenFile(home)).access_token).toBe((await readAuthEntry(home))?.access)
  })

  it("sends every text model as coder-model and every vision model as vision-model", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await ask(home, "Hello", "alibaba/qwen3-max")
    await ask(home, "Hello", "alibaba/qwen3-vl-plus")

    const models = (await simulator.chats()).map(({ body }) => v.parse(v.object({ model: v.string() }), body).model)
    expect(models).toEqual(["coder-model", "vision-model"])
  })

  it("explains an ended free tier at once instead of retrying", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await simulator.control("scenario", { freeTier: "ended-401" })
    const result = await ask(home, "Hello")

    expect(result.output).toContain("Alibaba ended the free Qwen OAuth tier on 2026-04-15")
    expect(result.output).toContain("Model Studio API key")
    expect(await simulator.chats()).toHaveLength(2)
  })

  it("requests a sign-in when signed out", async ({ home }) => {
    const result = await ask(home, "Hello")

    expect(result.output).toContain("Error: Authentication required. Please run: opencode auth login")
    expect(result.code).toBe(1)
  })

  it("requests a new sign-in when the refresh token is refused, and keeps the file", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await moveExpiry(home, Date.now() - 1000)
    await simulator.control("revoke-refresh-tokens")
    const before = await readTokenFile(home)
    const result = await ask(home, "Hello")

    expect(result.output).toContain("Token refresh failed")
    expect(result.output).toContain("Authentication required. Please run: opencode auth login")
    expect(await simulator.refreshes()).toBe(1)
    expect(await readTokenFile(home)).toEqual(before)
  })
})

function messagesOf(request: LoggedRequest | undefined) {
  return v.parse(v.object({ messages: v.array(v.looseObject({ role: v.string() })) }), request?.body).messages
}
