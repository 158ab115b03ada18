import type { ModelFacts, ThinkingOptions } from "./model-facts.ts"
import { MODELS_DEV } from "./models-dev.ts"
import type { PlanId, Region } from "./plans.ts"

const PLAN_LETTERS: Readonly<Record<PlanId, string>> = { "pay-as-you-go": "p", "coding-plan": "c", "token-plan": "t" }

/**
 * Reads the published models of a plan, in the order of their ids. A line of the data has five parts:
 * `id|name|context/output/input|abilities|list list`. A list is a plan's letter and `c` for China or `i` for all
 * other regions. `npm run catalogue` writes the lines.
 */
export function publishedModels(plan: PlanId, region: Region): readonly ModelFacts[] {
  const list = `${PLAN_LETTERS[plan]}${region === "china" ? "c" : "i"}`
  return MODELS_DEV.trim()
    .split("\n")
    .flatMap((line) => {
      const [id = "", name = "", limits = "", abilities = "", lists = ""] = line.split("|")
      if (!lists.split(" ").includes(list)) return []
      const [contextTokens = 0, outputTokens = 0, inputTokens] = limits.split("/").map(Number)
      return { id, name, contextTokens, inputTokens, outputTokens, ...parseAbilities(abilities) }
    })
}

/** `i` image, `v` video, `p` PDF, `r` replays its thinking; then how it thinks: `T262144:low,medium`. */
const ABILITIES = /^(i?)(v?)(p?)(r?)(?:([tT])(\d*)(?::(.+))?)?$/

function parseAbilities(text: string) {
  const [, image, video, pdf, replays, thinks, budget, efforts] = ABILITIES.exec(text) ?? []
  const thinking: ThinkingOptions = {
    toggle: thinks === "T",
    efforts: efforts?.split(",") ?? [],
    maxBudgetTokens: budget ? Number(budget) : undefined,
  }
  return {
    imageInput: Boolean(image),
    videoInput: Boolean(video),
    pdfInput: Boolean(pdf),
    replaysThinking: Boolean(replays),
    thinking: thinks === undefined ? undefined : thinking,
  }
}
