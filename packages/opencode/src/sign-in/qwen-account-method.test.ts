import { QwenAuthError } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import type { OAuthCredential } from "../../core/src/credentials/credential.ts"
import { type FakeWorldOptions, fakeWorld, START } from "../../core/src/testing/fake-world.ts"
import { settle } from "../../core/src/testing/gate.ts"
import { json, noAnswer } from "../../core/src/testing/replies.ts"
import { SERVER, STARTED, TOKENS } from "../../core/src/testing/samples.ts"
import { qwenAccountMethod } from "./qwen-account-method.ts"

/** What OpenCode's interface copies for the person. */
const COPIED_CODE = /[A-Z0-9]{4}-[A-Z0-9]{4,5}/

const started = json(STARTED)
const pending = json({ error: "authorization_pending" }, 400)

function setUp(options: FakeWorldOptions, store: (credential: OAuthCredential) => Promise<void> = async () => {}) {
  const world = fakeWorld(options)
  const adopted: OAuthCredential[] = []
  const adopt = async (credential: OAuthCredential) => {
    adopted.push(credential)
    await store(credential)
  }
  const { method, cancel } = qwenAccountMethod(world, SERVER, { adopt })
  async function authorize() {
    const authorization = await method.authorize()
    if (authorization.method !== "auto") throw new Error("expected a sign-in that waits by itself")
    return authorization
  }
  return { world, adopted, method, cancel, authorize }
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof Error ? error.message : `no error: ${JSON.stringify(error)}`
}

describe("the sign-in method", () => {
  it("is named as the README names it", () => {
    const { method } = setUp({})
    expect([method.type, method.label]).toEqual(["oauth", "Qwen Account (OAuth)"])
  })

  it("opens the page that holds the code and shows the code so that OpenCode can copy it", async () => {
    const { authorize } = setUp({ replies: [started] })
    const { url, instructions } = await authorize()
    expect(url).toBe("https://chat.qwen.ai/authorize?user_code=ABCD-1234&client=qwen-code")
    expect(COPIED_CODE.exec(instructions)?.[0]).toBe("ABCD-1234")
  })

  it("ends with OpenCode's record, and the sign-in is stored", async () => {
    const { authorize, adopted } = setUp({ replies: [started, pending, json(TOKENS)] })
    const { callback } = await authorize()
    expect(await callback()).toEqual({
      type: "success",
      access: "access-2",
      refresh: "refresh-2",
      expires: START + 10_000 + 21_600_000,
      enterpriseUrl: "portal.qwen.ai",
    })
    expect(adopted.map(({ accessToken }) => accessToken)).toEqual(["access-2"])
  })

  it("called back twice polls once, stores once and gives both the same", async () => {
    const { authorize, adopted, world } = setUp({ replies: [started, json(TOKENS)] })
    const { callback } = await authorize()
    const [one, two] = await Promise.all([callback(), callback()])
    expect(await callback()).toEqual(one)
    expect(two).toEqual(one)
    expect(adopted).toHaveLength(1)
    expect(world.requests).toHaveLength(2)
  })

  it("does not poll before it is called back", async () => {
    const { authorize, world } = setUp({ replies: [started] })
    await authorize()
    await settle()
    expect(world.requests).toHaveLength(1)
  })

  it("succeeds although the file cannot be written: OpenCode's record has it", async () => {
    const full = () => Promise.reject(new QwenAuthError("credential_not_stored", "The disk is full."))
    const { authorize, world } = setUp({ replies: [started, json(TOKENS)] }, full)
    expect(await (await authorize()).callback()).toMatchObject({ type: "success", access: "access-2" })
    expect(world.logged.filter(({ level }) => level === "warn")).toHaveLength(1)
  })
})

describe("a sign-in that fails throws what the person reads", () => {
  it.each([
    ["denied", json({ error: "access_denied" }, 400), /^Authorization denied .*Start the sign-in again/],
    ["expired", json({ error: "expired_token" }, 400), /^Device code expired\. Start the sign-in again/],
    ["refused", json({ error: "invalid_request" }, 400), /^Sign-in failed: .*invalid_request/],
  ])("%s", async (_, reply, words) => {
    const { authorize, adopted } = setUp({ replies: [started, reply] })
    const { callback } = await authorize()
    expect(await messageOf(callback())).toMatch(words)
    expect(adopted).toEqual([])
  })

  it("nobody approved in time", async () => {
    const { authorize } = setUp({ replies: [started], rest: pending })
    expect(await messageOf((await authorize()).callback())).toMatch(/^Device code expired\./)
  })

  it("the same to a second callback, without asking again", async () => {
    const { authorize, world } = setUp({ replies: [started, json({ error: "access_denied" }, 400)] })
    const { callback } = await authorize()
    expect(await messageOf(callback())).toBe(await messageOf(callback()))
    expect(world.requests).toHaveLength(2)
  })

  it.each([
    ["a wrong client", json({ error: "invalid_client" }, 401), /^The sign-in could not be started \(invalid_client\)/],
    ["no network", noAnswer(), /^chat\.qwen\.ai could not be reached .* Check the network/],
  ])("already at the start: %s", async (_, reply, words) => {
    expect(await messageOf(setUp({ rest: reply }).authorize())).toMatch(words)
  })

  it("keeps the cause for the log", async () => {
    const { authorize } = setUp({ replies: [started, json({ error: "access_denied" }, 400)] })
    const { callback } = await authorize()
    await expect(callback()).rejects.toHaveProperty("cause.code", "authorization_denied")
  })
})

describe("one sign-in at a time", () => {
  it("a second ends the first while that waits", async () => {
    const { authorize, world } = setUp({ replies: [started, started], autoAdvance: false })
    const first = messageOf((await authorize()).callback())
    await settle()
    await authorize()
    expect(await first).toBe("Cancelled.")
    expect(world.openWaits()).toBe(0)
  })

  it("a second is not ended by the first", async () => {
    const { authorize } = setUp({ replies: [started, started, json(TOKENS)] })
    await authorize()
    expect(await (await authorize()).callback()).toMatchObject({ type: "success" })
  })

  it("cancel ends the one that waits", async () => {
    const { authorize, cancel, world } = setUp({ replies: [started], autoAdvance: false })
    const running = messageOf((await authorize()).callback())
    await settle()
    cancel()
    expect(await running).toBe("Cancelled.")
    expect(world.openWaits()).toBe(0)
  })

  it("cancel without a sign-in is nothing", () => {
    expect(() => setUp({}).cancel()).not.toThrow()
  })
})
