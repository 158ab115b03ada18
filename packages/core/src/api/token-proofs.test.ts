import { failureOf } from "qwen-auth-testing/failure-of"
import { gate, settle } from "qwen-auth-testing/gate"
import { describe, expect, it } from "vitest"
import { abortedError } from "../errors.ts"
import { TokenProofs } from "./token-proofs.ts"

interface Sent {
  readonly response: Response
}

const answered = async (status: number): Promise<Sent> => ({ response: new Response("words", { status }) })
const reset = (): Promise<Sent> => Promise.reject(new Error("read ECONNRESET"))

/** The first request ends as the test says, every further one is good. */
function setUp() {
  const proofs = new TokenProofs<Sent>()
  const first = gate<() => Promise<Sent>>()
  const seen = { sent: 0 }
  const send = async () => {
    seen.sent++
    return seen.sent === 1 ? (await first.promise)() : answered(200)
  }
  const prove = (token = "access-2", signal?: AbortSignal) => proofs.prove(token, send, signal)
  return { first, prove, seen }
}

const statusOf = async (sent: Promise<Sent>) => (await sent).response.status
const textOf = async (sent: Promise<Sent>) => (await sent).response.text()

describe("requests whose token was rejected together", () => {
  it("wait for the first one's answer", async () => {
    const { prove, seen } = setUp()
    void prove()
    void prove()
    await settle()
    expect(seen.sent).toBe(1)
  })

  it("all get the rejection of the renewed token, each one to read for itself", async () => {
    const { first, prove, seen } = setUp()
    const all = [prove(), prove(), prove()]
    first.open(() => answered(401))
    expect(await Promise.all(all.map(textOf))).toEqual(["words", "words", "words"])
    expect(seen.sent).toBe(1)
  })

  it("get it too when they come after the others have read it", async () => {
    const { first, prove, seen } = setUp()
    const early = prove()
    first.open(() => answered(401))
    await textOf(early)
    expect(await textOf(prove())).toBe("words")
    expect(await textOf(prove())).toBe("words")
    expect(seen.sent).toBe(1)
  })

  it.each([200, 400, 403, 429, 500])(
    "are all sent again when the renewed token is not rejected: %i",
    async (status) => {
      const { first, prove, seen } = setUp()
      const all = [prove(), prove()]
      first.open(() => answered(status))
      expect(await Promise.all(all.map(statusOf))).toEqual([status, 200])
      expect(await statusOf(prove())).toBe(200)
      expect(seen.sent).toBe(3)
    },
  )

  it("do not suffer from the first one's network", async () => {
    const { first, prove, seen } = setUp()
    const [one, other] = [prove(), prove()]
    first.open(reset)
    await expect(one).rejects.toThrow("read ECONNRESET")
    expect(await statusOf(other)).toBe(200)
    expect(seen.sent).toBe(2)
  })

  it("do not suffer from the first one's being given up", async () => {
    const { first, prove } = setUp()
    const [one, other] = [failureOf(prove()), prove()]
    first.open(() => Promise.reject(abortedError(undefined)))
    expect((await one).code).toBe("aborted")
    expect(await statusOf(other)).toBe(200)
  })

  it("can be given up while another's answer is awaited, and are not sent then", async () => {
    const { first, prove, seen } = setUp()
    const one = prove()
    const controller = new AbortController()
    const waiting = failureOf(prove("access-2", controller.signal))
    controller.abort()
    expect((await waiting).code).toBe("aborted")
    first.open(() => answered(200))
    expect(await statusOf(one)).toBe(200)
    expect(seen.sent).toBe(1)
  })
})

describe("requests with different tokens", () => {
  it("do not wait for each other", async () => {
    const { prove, seen } = setUp()
    void prove("access-2")
    expect(await statusOf(prove("access-3"))).toBe(200)
    expect(seen.sent).toBe(2)
  })

  it("do not get each other's rejection", async () => {
    const { first, prove } = setUp()
    first.open(() => answered(401))
    expect(await statusOf(prove("access-2"))).toBe(401)
    expect(await statusOf(prove("access-3"))).toBe(200)
  })
})

describe("a good answer", () => {
  it("is the network's own, its body untouched", async () => {
    const response = new Response("data: [DONE]\n\n")
    const proofs = new TokenProofs<Sent>()
    expect((await proofs.prove("access-2", async () => ({ response }), undefined)).response).toBe(response)
    expect(response.bodyUsed).toBe(false)
  })
})
