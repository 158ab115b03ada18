import type { ModelFacts } from "./model-facts.ts"

const MILLION = 1_000_000

/** The defaults for Qwen's models. */
const QWEN = {
  contextTokens: MILLION,
  outputTokens: 65_536,
  imageInput: false,
  videoInput: false,
  pdfInput: false,
  replaysThinking: false,
}
/** Lower defaults for models of other vendors, about which less is known. */
const THIRD_PARTY = { ...QWEN, outputTokens: 32_768 }
const THINKS = { thinking: { toggle: true, efforts: [] } }
const IMAGES = { imageInput: true }

function model(id: string, name: string, facts: Partial<ModelFacts> = {}): ModelFacts {
  return { ...(id.startsWith("qwen") ? QWEN : THIRD_PARTY), ...facts, id, name }
}

const QWEN_35_PLUS = model("qwen3.5-plus", "Qwen3.5 Plus", { ...THINKS, ...IMAGES })
const QWEN_36_PLUS = model("qwen3.6-plus", "Qwen3.6 Plus", { ...THINKS, ...IMAGES })
const QWEN_36_FLASH = model("qwen3.6-flash", "Qwen3.6 Flash", THINKS)
const QWEN_37_MAX = model("qwen3.7-max", "Qwen3.7 Max", THINKS)
const QWEN_38_MAX = model("qwen3.8-max", "Qwen3.8 Max", { ...THINKS, ...IMAGES })
const QWEN_38_FLASH = model("qwen3.8-flash", "Qwen3.8 Flash", IMAGES)
const CODER_PLUS = model("qwen3-coder-plus", "Qwen3 Coder Plus")
const GLM_5 = model("glm-5", "GLM-5", { contextTokens: 202_752, ...THINKS })
const KIMI_K25 = model("kimi-k2.5", "Kimi K2.5", { contextTokens: 262_144, ...THINKS, ...IMAGES })
/** It always thinks. */
const MINIMAX_M25 = model("MiniMax-M2.5", "MiniMax M2.5", {
  contextTokens: 196_608,
  thinking: { toggle: false, efforts: [] },
})

/** The same model accepts images in some plans only. */
const QWEN_37_PLUS = model("qwen3.7-plus", "Qwen3.7 Plus", THINKS)
const QWEN_37_PLUS_WITH_IMAGES = { ...QWEN_37_PLUS, ...IMAGES }

/** The models of the Coding Plan. */
export const CODING_PLAN_MODELS: readonly ModelFacts[] = [
  QWEN_37_PLUS,
  QWEN_36_PLUS,
  QWEN_35_PLUS,
  CODER_PLUS,
  model("qwen3-coder-next", "Qwen3 Coder Next", { contextTokens: 262_144 }),
  model("qwen3-max-2026-01-23", "Qwen3 Max (2026-01-23)", { contextTokens: 262_144, ...THINKS }),
  GLM_5,
  model("glm-4.7", "GLM-4.7", { contextTokens: 202_752, outputTokens: 16_384, ...THINKS }),
  KIMI_K25,
  MINIMAX_M25,
]

/** The models of the Token Plan. */
export const TOKEN_PLAN_MODELS: readonly ModelFacts[] = [
  QWEN_37_PLUS_WITH_IMAGES,
  QWEN_36_PLUS,
  QWEN_37_MAX,
  QWEN_36_FLASH,
  QWEN_38_MAX,
  QWEN_38_FLASH,
  model("deepseek-v4-pro", "DeepSeek V4 Pro"),
  model("glm-5.2", "GLM-5.2", THINKS),
  model("deepseek-v3.2", "DeepSeek V3.2", { contextTokens: 131_072 }),
  model("kimi-k2.6", "Kimi K2.6", THINKS),
  KIMI_K25,
  model("glm-5.1", "GLM-5.1", { contextTokens: 202_752, ...THINKS }),
  GLM_5,
  MINIMAX_M25,
]

/** The coding models of pay as you go. */
export const PAY_AS_YOU_GO_MODELS: readonly ModelFacts[] = [
  CODER_PLUS,
  model("qwen3-coder-flash", "Qwen3 Coder Flash"),
  QWEN_37_PLUS,
  QWEN_36_PLUS,
  QWEN_37_MAX,
  QWEN_38_MAX,
  QWEN_38_FLASH,
  model("qwen3-max", "Qwen3 Max", { contextTokens: 262_144, outputTokens: 32_768 }),
  model("qwen3-vl-plus", "Qwen3 VL Plus", { contextTokens: 262_144, outputTokens: 32_768, ...THINKS, ...IMAGES }),
]
