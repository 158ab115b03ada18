import * as v from "valibot"
import { describe, expect } from "vitest"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { withOpenCodeServer } from "../harness/opencode/opencode-server.ts"
import { startSession } from "../harness/opencode/opencode-session.ts"
import { it, signedInToPlan } from "../harness/opencode/with-model-studio.ts"
import { writePrivately } from "../harness/opencode/with-opencode.ts"

const TURNS = 40
const QUESTION = "What is 6 times 7?"
const ANSWER = "6 times 7 = 42"

const Providers = v.object({
  providers: v.array(
    v.object({
      id: v.string(),
      models: v.record(v.string(), v.object({ variants: v.optional(v.record(v.string(), v.unknown()), {}) })),
    }),
  ),
})

describe.skipIf(opencodeMissing)("requests with an API key in the real OpenCode", () => {
  it.for([
    { promptCache: true, atLeast: 0.8, atMost: 1 },
    { promptCache: false, atLeast: 0, atMost: 0 },
  ])(
    `read between $atLeast and $atMost of their input from the prompt cache in ${TURNS} turns with promptCache: $promptCache`,
    async ({ promptCache, atLeast, atMost }, { simulator, home }) => {
      await signedInToPlan(simulator, home, "coding")
      await writePrivately(home.authConfigFile, { promptCache })

      await withOpenCodeServer(home, async (server) => {
        const model = { providerID: "alibaba", modelID: "qwen3-coder-plus" }
        const { ask } = await startSession(server, model)
        const tokens = { input: 0, cached: 0 }
        for (let count = 0; count < TURNS; count++) {
          const { text, error, inputTokens, cachedTokens } = await ask(QUESTION)
          expect([text, error]).toEqual([ANSWER, undefined])
          tokens.input += inputTokens
          tokens.cached += cachedTokens
        }
        const share = tokens.cached / (tokens.cached + tokens.input)
        expect(share).toBeGreaterThanOrEqual(atLeast)
        expect(share).toBeLessThanOrEqual(atMost)
      })
    },
  )

  it("are accepted for each variant of each model of the Coding Plan by a strict service", async ({
    simulator,
    home,
  }) => {
    await signedInToPlan(simulator, home, "coding")

    await withOpenCodeServer(home, async (server) => {
      const { providers } = v.parse(Providers, await (await server.get("/config/providers")).json())
      const models = providers.find(({ id }) => id === "alibaba")?.models ?? {}
      const tried = Object.entries(models).flatMap(([modelID, { variants }]) =>
        Object.keys(variants).map((variant) => ({ providerID: "alibaba", modelID, variant })),
      )
      const { ask } = await startSession(server)
      const refused: string[] = []
      for (const model of tried) {
        const { text, error } = await ask(QUESTION, model)
        if (error !== undefined || text !== ANSWER) refused.push(`${model.modelID} ${model.variant}: ${error ?? text}`)
      }
      expect(refused).toEqual([])
      // Eight of the ten models have levels of thinking. The two aliases stand for such a model.
      expect(new Set(tried.map(({ modelID }) => modelID)).size).toBeGreaterThanOrEqual(8)
      expect(tried).toContainEqual({ providerID: "alibaba", modelID: "qwen3.7-plus", variant: "none" })
    })
  })
})
