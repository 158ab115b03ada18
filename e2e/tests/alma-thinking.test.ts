import { generateText, streamText } from "ai"
import * as v from "valibot"
import { describe, expect } from "vitest"
import type { AlmaHost } from "../../packages/alma/test-host/load-plugin.ts"
import { ALMA_PROFILES, signInWithAccount, signInWithKey } from "../harness/alma/alma.ts"
import { almaModel } from "../harness/alma/ask.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

const EIGHT = [
  "qwen3-coder-plus",
  "qwen3-coder-flash",
  "qwen3-max",
  "qwen3-max-preview",
  "qwen3-vl-plus",
  "qwen3-235b-a22b-thinking-2507",
  "qwen3-235b-a22b-instruct",
  "qwen3-32b",
] as const
/** What Alma's selector sends; `undefined`: nothing. Core's own tests have the levels between these. */
const LEVELS = [undefined, "off", "low", "high", "xhigh", "ultra"] as const

/** How someone is signed in, which of the eight are served then, and what a refusal says. */
const SIGN_INS = [
  { name: "a Qwen account", plan: undefined, served: EIGHT, choose: /./ },
  {
    name: "a Coding Plan key",
    plan: "coding",
    served: ["qwen3-coder-plus"],
    choose: /Choose a model of the Coding Plan/,
  },
  { name: "a Token Plan key", plan: "token", served: [], choose: /Choose a model of the Token Plan/ },
  { name: "a pay-as-you-go key", plan: "payg", served: EIGHT, choose: /./ },
] as const

async function signIn(alma: AlmaHost, simulator: Simulator, plan: (typeof SIGN_INS)[number]["plan"]): Promise<void> {
  // The Coding Plan is asked as by an agent that it knows: here its models are tested.
  await simulator.control("scenario", { plans: { strictModels: true, agents: [""] } })
  if (plan === undefined) await signInWithAccount(alma, simulator)
  else await signInWithKey(alma, (await simulator.apiKey(plan)).key)
  expect(await alma.provider().isAuthenticated()).toBe(true)
}

const Refusal = v.object({ message: v.string() })

/** Asks with the real AI SDK. Returns the answer, or the sentence that Alma shows. */
async function outcome(alma: AlmaHost, id: string, stream: boolean, level: string | undefined): Promise<string> {
  const reasoningEffort = level === undefined ? {} : { reasoningEffort: level }
  const request = {
    model: await almaModel(alma, id),
    prompt: "What is 6 times 7?",
    maxRetries: 0,
    providerOptions: { qwen: reasoningEffort },
  }
  let failure: unknown
  const onError = ({ error }: { error: unknown }) => {
    failure = error
  }
  try {
    return await (stream ? streamText({ ...request, onError }).text : generateText(request).then(({ text }) => text))
  } catch (error) {
    return v.parse(Refusal, failure ?? error).message
  }
}

describe.each(ALMA_PROFILES)("Alma $name: the thinking selector", ({ it }) => {
  it.for(SIGN_INS)("with $name: every level of the eight models, streamed or not", async (how, { alma, simulator }) => {
    await signIn(alma, simulator, how.plan)
    const served: readonly string[] = how.served
    const wrong: unknown[] = []
    for (const id of EIGHT) {
      const asked = [true, false].flatMap((stream) => LEVELS.map((level) => ({ stream, level })))
      await Promise.all(
        asked.map(async ({ stream, level }) => {
          const said = await outcome(alma, id, stream, level)
          const named = said.includes(id) && how.choose.test(said)
          if (served.includes(id) ? !said.includes("42") : !named) wrong.push({ id, stream, level, said })
        }),
      )
    }
    expect(wrong).toEqual([])
  })

  it.for(SIGN_INS)(
    "with $name: a call that is not streamed does not think where that can be off",
    async (how, { alma, simulator }) => {
      await signIn(alma, simulator, how.plan)
      const before = (await simulator.chats()).length
      for (const id of how.served) expect(await outcome(alma, id, false, undefined)).toContain("42")
      const sent = (await simulator.chats()).slice(before).map(({ body }) => v.parse(v.looseObject({}), body))
      expect(sent).toHaveLength(how.served.length)
      const thinks = sent.filter((body) => body["enable_thinking"] !== false).map(({ model }) => model)
      if (how.plan === "payg") {
        // The others never think, or always do.
        expect(thinks).not.toEqual(expect.arrayContaining(["qwen3-vl-plus"]))
        expect(thinks).not.toEqual(expect.arrayContaining(["qwen3-32b"]))
        expect(thinks).toContain("qwen3-235b-a22b-thinking-2507")
      }
      expect(sent.filter((body) => "reasoning_effort" in body)).toEqual([])
    },
  )
})
