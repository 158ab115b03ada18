import * as v from "valibot"
import { describe, expect } from "vitest"
import type { AlmaHost } from "../../packages/alma/test-host/load-plugin.ts"
import { ALMA_PROFILES, signInWithAccount, signInWithKey } from "../harness/alma/alma.ts"
import { ask } from "../harness/alma/ask.ts"
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
/** The levels that Alma's selector sends; `undefined`: none. Core's own tests check the levels between these. */
const LEVELS = [undefined, "off", "low", "high", "xhigh", "ultra"] as const

/** The sign-ins, which of the eight models each serves, and the text of a refusal. */
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
  // The Coding Plan admits every agent here, because only its models are tested.
  await simulator.control("scenario", { plans: { strictModels: true, agents: [""] } })
  if (plan === undefined) await signInWithAccount(alma, simulator)
  else await signInWithKey(alma, (await simulator.apiKey(plan)).key)
  expect(await alma.provider().isAuthenticated()).toBe(true)
}

const Refusal = v.object({ message: v.string() })

/** Asks with the real AI SDK. Returns the answer, or the sentence that Alma shows. */
function outcome(alma: AlmaHost, id: string, stream: boolean, level: string | undefined): Promise<string> {
  const providerOptions = { qwen: level === undefined ? {} : { reasoningEffort: level } }
  return ask(alma, "What is 6 times 7?", id, { stream, providerOptions }).catch(
    (error: unknown) => v.parse(Refusal, error).message,
  )
}

describe.each(ALMA_PROFILES)("Alma $name: the thinking selector", ({ it }) => {
  it.for(SIGN_INS)(
    "accepts every level of the eight models, streamed or not: $name",
    async (signedIn, { alma, simulator }) => {
      await signIn(alma, simulator, signedIn.plan)
      const served: readonly string[] = signedIn.served
      const wrong: unknown[] = []
      for (const id of EIGHT) {
        const questions = [true, false].flatMap((stream) => LEVELS.map((level) => ({ stream, level })))
        await Promise.all(
          questions.map(async ({ stream, level }) => {
            const text = await outcome(alma, id, stream, level)
            const namesModel = text.includes(id) && signedIn.choose.test(text)
            if (served.includes(id) ? !text.includes("42") : !namesModel) wrong.push({ id, stream, level, text })
          }),
        )
      }
      expect(wrong).toEqual([])
    },
  )

  it.for(SIGN_INS)(
    "disables thinking in a call without a stream where possible: $name",
    async (signedIn, { alma, simulator }) => {
      await signIn(alma, simulator, signedIn.plan)
      const before = (await simulator.chats()).length
      for (const id of signedIn.served) expect(await outcome(alma, id, false, undefined)).toContain("42")
      const sent = (await simulator.chats()).slice(before).map(({ body }) => v.parse(v.looseObject({}), body))
      expect(sent).toHaveLength(signedIn.served.length)
      const thinks = sent.filter((body) => body["enable_thinking"] !== false).map(({ model }) => model)
      if (signedIn.plan === "payg") {
        // The others never think, or always do.
        expect(thinks).not.toEqual(expect.arrayContaining(["qwen3-vl-plus"]))
        expect(thinks).not.toEqual(expect.arrayContaining(["qwen3-32b"]))
        expect(thinks).toContain("qwen3-235b-a22b-thinking-2507")
      }
      expect(sent.filter((body) => "reasoning_effort" in body)).toEqual([])
    },
  )
})
