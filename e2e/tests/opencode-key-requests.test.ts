import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import * as v from "valibot"
import { describe, expect } from "vitest"
import { withOpenCodeServer } from "../harness/opencode/opencode-server.ts"
import { startSession } from "../harness/opencode/opencode-session.ts"
import { it, type KeyEndpoint, signedInWithKey } from "../harness/opencode/with-model-studio.ts"
import { opencodeBinary, opencodeMissing } from "../harness/opencode/with-opencode.ts"

const TURNS = 40
const QUESTION = "What is 6 times 7?"
const ANSWER = "6 times 7 = 42"

const CODING_PLAN: KeyEndpoint = {
  plan: "coding-plan",
  region: "international",
  baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
}

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
    `${TURNS} turns with promptCache: $promptCache take between $atLeast and $atMost of their input from the prompt cache`,
    async ({ promptCache, atLeast, atMost }, { simulator, home }) => {
      await signedInWithKey(home, (await simulator.apiKey("coding")).key, CODING_PLAN)
      const configFile = join(dirname(home.tokenFile), "auth-config.json")
      await mkdir(dirname(configFile), { recursive: true, mode: 0o700 })
      await writeFile(configFile, JSON.stringify({ promptCache }))

      await withOpenCodeServer(opencodeBinary, home, async (server) => {
        const model = { providerID: "alibaba", modelID: "qwen3-coder-plus" }
        const { ask } = await startSession(server, model)
        const tokens = { input: 0, cached: 0 }
        for (let turn = 0; turn < TURNS; turn++) {
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

  it("each variant of each model of the Coding Plan is accepted by a service that refuses what the model does not have", async ({
    simulator,
    home,
  }) => {
    await signedInWithKey(home, (await simulator.apiKey("coding")).key, CODING_PLAN)

    await withOpenCodeServer(opencodeBinary, home, async (server) => {
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
      // Eight of the ten models think and have a choice; the two aliases stand for such a model.
      expect(new Set(tried.map(({ modelID }) => modelID)).size).toBeGreaterThanOrEqual(8)
      expect(tried).toContainEqual({ providerID: "alibaba", modelID: "qwen3.7-plus", variant: "none" })
    })
  })
})
