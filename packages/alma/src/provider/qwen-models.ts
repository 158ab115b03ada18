import { findModel, type ModelFacts } from "qwen-auth-core/internal"
import { apiModelId } from "./model-id.ts"

/** The ids that Alma lists for a Qwen account. One is shorter than the API's (see {@link apiModelId}). */
const QWEN_MODEL_IDS = [
  "qwen3-coder-plus",
  "qwen3-coder-flash",
  "qwen3-max",
  "qwen3-max-preview",
  "qwen3-vl-plus",
  "qwen3-235b-a22b-thinking-2507",
  "qwen3-235b-a22b-instruct",
  "qwen3-32b",
]

/** Returns the eight models that Alma lists for a Qwen account, with the facts that they have for pay as you go. */
export function qwenModels(): readonly ModelFacts[] {
  return QWEN_MODEL_IDS.flatMap((id) => {
    const facts = findModel("pay-as-you-go", "international", apiModelId(id))
    return facts === undefined ? [] : [{ ...facts, id }]
  })
}
