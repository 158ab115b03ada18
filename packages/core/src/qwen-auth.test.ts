import { account } from "qwen-auth-testing/account"
import { CHAT_URL, POST } from "qwen-auth-testing/chat-requests"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { rejected } from "qwen-auth-testing/refusals"
import { json } from "qwen-auth-testing/replies"
import { credential, keyCredential, SERVER, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { createQwenAuth } from "./qwen-auth.ts"

function setUp(options: Parameters<typeof fakePlatform>[0] = {}, store = memoryStore()) {
  const platform = fakePlatform(options)
  const qwen = createQwenAuth({ platform, server: SERVER, store, userAgent: "my-app/1.0.0" })
  return { platform, store, qwen }
}

describe("createQwenAuth", () => {
  it("signs in with an account: shows the code, waits, and stores the credential", async () => {
    const { qwen, store } = setUp({ replies: [json(STARTED), json(TOKENS)] })
    const shown: string[] = []
    const signedIn = await qwen.signIn({ onVerification: ({ userCode }) => void shown.push(userCode) })
    expect(shown).toEqual([STARTED.user_code])
    expect(store.stored).toEqual({ credential: signedIn })
    expect(await qwen.getCredential()).toEqual(signedIn)
  })

  it.each([
    [undefined, 3],
    [true, 3],
    [false, 2],
  ])(
    "refuses and does not store an account without quota, unless verifySignIn is %s",
    async (verifySignIn, requests) => {
      const platform = fakePlatform({ replies: [json(STARTED), json(TOKENS), rejected] })
      const store = memoryStore(credential())
      const qwen = createQwenAuth({ platform, server: SERVER, store, userAgent: "my-app/1.0.0", verifySignIn })
      const ended = qwen.signIn({ onVerification: () => {} }).then(
        () => "signed in",
        (error: unknown) => Object(error).code,
      )
      expect(await ended).toBe(verifySignIn === false ? "signed in" : "free_tier_ended")
      expect(platform.requests).toHaveLength(requests)
      expect(account(await qwen.getCredential()).accessToken).toBe(verifySignIn === false ? "access-2" : "access-1")
    },
  )

  it.each([
    [undefined, true],
    [false, false],
  ])("marks requests with a key for the prompt cache, unless promptCache is %s", async (promptCache, marked) => {
    const platform = fakePlatform({ rest: json({ choices: [] }) })
    const store = memoryStore(keyCredential())
    const qwen = createQwenAuth({ platform, server: SERVER, store, userAgent: "my-app/1.0.0", promptCache })
    await qwen.fetch(CHAT_URL, POST)
    expect(String(platform.requests[0]?.body).includes("cache_control")).toBe(marked)
  })

  it("cancels the wait for the user", async () => {
    const { qwen, store, platform } = setUp({ replies: [json(STARTED)], autoAdvance: false })
    const abort = new AbortController()
    const signIn = qwen.signIn({ onVerification: () => abort.abort(), signal: abort.signal })
    await expect(signIn).rejects.toMatchObject({ code: "aborted" })
    expect([store.stored, platform.openWaits()]).toEqual([{}, 0])
  })

  it("signs in with an API key at the endpoint where it belongs", async () => {
    const { qwen, store } = setUp({ rest: json({ data: [{ id: "qwen3.7-plus" }] }) })
    const { apiKey, plan, region } = keyCredential()
    const signedIn = await qwen.signIn({ apiKey, hint: { plan, region } })
    expect(signedIn).toMatchObject({ type: "api_key", apiKey, plan, region })
    expect(store.stored).toEqual({ credential: signedIn })
  })

  it("stores nothing if the API key is malformed", async () => {
    const { qwen, store, platform } = setUp()
    await expect(qwen.signIn({ apiKey: "no key" })).rejects.toMatchObject({ code: "api_key_malformed" })
    expect([store.stored, platform.requests]).toEqual([{}, []])
  })

  it("makes requests with the stored credential, and sends none after a sign-out", async () => {
    const { qwen, platform } = setUp({ rest: json({ choices: [] }) }, memoryStore(credential()))
    await qwen.fetch(`${qwen.baseURL}/models`)
    expect(platform.requests[0]?.headers.get("authorization")).toBe(`Bearer ${account(credential()).accessToken}`)
    await qwen.signOut()
    const refused = await qwen.fetch(`${qwen.baseURL}/models`)
    expect([refused.status, platform.requests.length]).toEqual([401, 1])
  })
})
