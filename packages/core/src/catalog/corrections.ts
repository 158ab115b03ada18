import type { ModelFacts } from "./model-facts.ts"
import type { PlanId, Region } from "./plans.ts"

/** Facts that replace the published ones. They apply to the models that have all properties of `of`. */
interface Correction {
  readonly of: { readonly plan?: PlanId; readonly region?: Region; readonly contextTokens?: number }
  /** Model ids, or the start of every id. */
  readonly ids: readonly string[] | string
  readonly facts: Partial<ModelFacts>
}

const MILLION = 1_000_000
const CODING: Correction["of"] = { plan: "coding-plan" }
const TEXT = { imageInput: false, videoInput: false, pdfInput: false, replaysThinking: false }
const ALWAYS_THINKS = { toggle: false, efforts: [] }
const hybrid = (maxBudgetTokens: number) => ({ thinking: { toggle: true, efforts: [], maxBudgetTokens } })
const GLM_EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

function model(id: string, name: string, contextTokens: number, outputTokens: number): ModelFacts {
  return { ...TEXT, id, name, contextTokens, outputTokens }
}

// biome-ignore format: a correction per line, each with its source
/** The facts in which models.dev (September 2026) differs from official documents and the service. The last one wins. */
export const CORRECTIONS: readonly Correction[] = [
  // Model Studio's model list
  { of: {}, ids: ["qwen3-coder-plus"], facts: { contextTokens: MILLION } },
  // The service's own error: "Range of input length should be [1, 983616]"
  { of: { contextTokens: MILLION }, ids: "qwen", facts: { inputTokens: 983_616 } },
  // Model Studio's model list: the limit of all of its versions
  { of: { plan: "pay-as-you-go" }, ids: ["qwen3-max"], facts: { outputTokens: 32_768 } },
  // The international list of models.dev: it has efforts, and no switch
  { of: { plan: "pay-as-you-go", region: "china" }, ids: ["glm-5.2"], facts: { thinking: { toggle: false, efforts: GLM_EFFORTS } } },
  // The Coding Plan's documentation: which models think, and their largest thinking budgets
  { of: CODING, ids: ["qwen3.7-plus"], facts: { ...hybrid(262_144), imageInput: true } },
  { of: CODING, ids: ["qwen3.6-plus", "qwen3.5-plus", "kimi-k2.5"], facts: hybrid(81_920) },
  { of: CODING, ids: ["qwen3-max-2026-01-23"], facts: { ...hybrid(81_920), name: "Qwen3 Max (2026-01-23)" } },
  { of: CODING, ids: ["glm-5", "glm-4.7"], facts: hybrid(32_768) },
  // The international list of models.dev
  { of: CODING, ids: ["MiniMax-M2.5"], facts: { inputTokens: 196_601 } },
]

// biome-ignore format: the list in the order of the documentation
/** The models of the Coding Plan, according to its documentation. */
export const CODING_PLAN_IDS: readonly string[] = [
  "qwen3.7-plus", "qwen3.6-plus", "qwen3.5-plus", "qwen3-max-2026-01-23", "qwen3-coder-plus", "qwen3-coder-next",
  "glm-5", "glm-4.7", "kimi-k2.5", "MiniMax-M2.5",
]

/** Models that models.dev lacks, from Model Studio's model list and the Token Plan's own list. */
export const ADDED_MODELS: Readonly<Partial<Record<PlanId, readonly ModelFacts[]>>> = {
  "token-plan": [{ ...model("auto", "Auto (chosen by the service)", 262_144, 32_768), thinking: ALWAYS_THINKS }],
  "pay-as-you-go": [
    model("qwen3-max-preview", "Qwen3 Max Preview", 262_144, 32_768),
    model("qwen3-235b-a22b-instruct-2507", "Qwen3 235B A22B Instruct", 131_072, 32_768),
    {
      ...model("qwen3-235b-a22b-thinking-2507", "Qwen3 235B A22B Thinking", 131_072, 32_768),
      thinking: { ...ALWAYS_THINKS, maxBudgetTokens: 81_920 },
    },
  ],
}

/** Models for which another listed model answers, according to the Token Plan's documentation. */
export const REPLACED_IDS: readonly string[] = ["qwen3.8-max-preview"]
