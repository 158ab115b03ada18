import type { ModelFacts } from "qwen-auth-core/internal"

const MILLION = 1_000_000
const TEXT = { imageInput: false, videoInput: false, pdfInput: false, replaysThinking: false }
const THINKS = { thinking: { toggle: true, efforts: [] } }
const ALWAYS_THINKS = { thinking: { toggle: false, efforts: [] } }

/** The eight models that Alma lists for a Qwen account, with the limits that the service documents. */
export const QWEN_MODELS: readonly ModelFacts[] = [
  { ...TEXT, id: "qwen3-coder-plus", name: "Qwen3 Coder Plus", contextTokens: MILLION, outputTokens: 65_536 },
  { ...TEXT, id: "qwen3-coder-flash", name: "Qwen3 Coder Flash", contextTokens: MILLION, outputTokens: 65_536 },
  { ...TEXT, id: "qwen3-max", name: "Qwen3 Max", contextTokens: 262_144, outputTokens: 32_768 },
  {
    ...TEXT,
    id: "qwen3-max-preview",
    name: "Qwen3 Max Preview",
    contextTokens: 262_144,
    outputTokens: 32_768,
    ...THINKS,
  },
  {
    ...TEXT,
    id: "qwen3-vl-plus",
    name: "Qwen3 VL Plus",
    contextTokens: 262_144,
    outputTokens: 32_768,
    imageInput: true,
    ...THINKS,
  },
  {
    ...TEXT,
    id: "qwen3-235b-a22b-thinking-2507",
    name: "Qwen3 235B A22B Thinking",
    contextTokens: 131_072,
    outputTokens: 32_768,
    ...ALWAYS_THINKS,
  },
  {
    ...TEXT,
    id: "qwen3-235b-a22b-instruct",
    name: "Qwen3 235B A22B Instruct",
    contextTokens: 131_072,
    outputTokens: 32_768,
  },
  { ...TEXT, id: "qwen3-32b", name: "Qwen3 32B", contextTokens: 131_072, outputTokens: 16_384, ...THINKS },
]
