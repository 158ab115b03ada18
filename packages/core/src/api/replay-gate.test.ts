import { failureOf } from "qwen-auth-testing/failure-of"
import { gate, settle } from "qwen-auth-testing/gate"
import { describe, expect, it } from "vitest"
import { abortedError } from "../errors.ts"
import { ReplayGate } from "./replay-gate.ts"

interface Sent {
  readonly response: Response
}

const respond = async (status: number): Promise<Sent> => ({ response: new Response("text", { status }) })
const reset = (): Promise<Sent> => Promise.reject(new Error("read ECONNRESET"))

/** The test decides how the first request ends. All others succeed. */
function setUp() {
  const replays = new ReplayGate<Sent>()
  const first = gate<() => Promise<Sent>>()
  const requests = { count: 0 }
  const send = async () => {
    requests.count++
    return requests.count === 1 ? (await first.promise)() : respond(200)
  }
  const replay = (token = "access-2", signal?: AbortSignal) => replays.send(token, send, signal)
  return { first, replay, requests }
}

const statusOf = async (sent: Promise<Sent>) => (await sent).response.status
const textOf = async (sent: Promise<Sent>) => (await sent).response.text()

describe("requests whose token was rejected together", () => {
  it("wait for the response to the first one", async () => {
    const { replay, requests } = setUp()
    void replay()
    void replay()
    await settle()
    expect(requests.count).toBe(1)
  })

  it("all get their own copy of the rejection of the refreshed token", async () => {
    const { first, replay, requests } = setUp()
    const all = [replay(), replay(), replay()]
    first.open(() => respond(401))
    expect(await Promise.all(all.map(textOf))).toEqual(["text", "text", "text"])
    expect(requests.count).toBe(1)
  })

  it("get the rejection even after others have read it", async () => {
    const { first, replay, requests } = setUp()
    const early = replay()
    first.open(() => respond(401))
    await textOf(early)
    expect(await textOf(replay())).toBe("text")
    expect(await textOf(replay())).toBe("text")
    expect(requests.count).toBe(1)
  })

  it.each([200, 400, 403, 429, 500])(
    "are all sent again if the refreshed token is not rejected: %i",
    async (status) => {
      const { first, replay, requests } = setUp()
      const all = [replay(), replay()]
      first.open(() => respond(status))
      expect(await Promise.all(all.map(statusOf))).toEqual([status, 200])
      expect(await statusOf(replay())).toBe(200)
      expect(requests.count).toBe(3)
    },
  )

  it("are sent again if the first one has a network error", async () => {
    const { first, replay, requests } = setUp()
    const [one, other] = [replay(), replay()]
    first.open(reset)
    await expect(one).rejects.toThrow("read ECONNRESET")
    expect(await statusOf(other)).toBe(200)
    expect(requests.count).toBe(2)
  })

  it("are sent again if the first one is aborted", async () => {
    const { first, replay } = setUp()
    const [one, other] = [failureOf(replay()), replay()]
    first.open(() => Promise.reject(abortedError(undefined)))
    expect((await one).code).toBe("aborted")
    expect(await statusOf(other)).toBe(200)
  })

  it("are not sent if they are aborted while they wait for the first one", async () => {
    const { first, replay, requests } = setUp()
    const one = replay()
    const controller = new AbortController()
    const waiting = failureOf(replay("access-2", controller.signal))
    controller.abort()
    expect((await waiting).code).toBe("aborted")
    first.open(() => respond(200))
    expect(await statusOf(one)).toBe(200)
    expect(requests.count).toBe(1)
  })
})

describe("requests with different tokens", () => {
  it("do not wait for each other", async () => {
    const { replay, requests } = setUp()
    void replay("access-2")
    expect(await statusOf(replay("access-3"))).toBe(200)
    expect(requests.count).toBe(2)
  })

  it("do not get each other's rejection", async () => {
    const { first, replay } = setUp()
    first.open(() => respond(401))
    expect(await statusOf(replay("access-2"))).toBe(401)
    expect(await statusOf(replay("access-3"))).toBe(200)
  })
})

describe("a successful response", () => {
  it("is returned itself, with an unread body", async () => {
    const response = new Response("data: [DONE]\n\n")
    const replays = new ReplayGate<Sent>()
    expect((await replays.send("access-2", async () => ({ response }), undefined)).response).toBe(response)
    expect(response.bodyUsed).toBe(false)
  })
})
