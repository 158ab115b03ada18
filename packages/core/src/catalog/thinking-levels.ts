import type { ModelFacts } from "./model-facts.ts"

/**
 * Returns the levels of thinking that a host offers for a model, weakest first: `none` if thinking can be switched off,
 * then the model's own efforts. A model with a budget instead of efforts has `low`, `medium` and `high`. Empty if there
 * is no choice. A host sends a level as `reasoning_effort`.
 */
export function thinkingLevels({ thinking }: ModelFacts): readonly string[] {
  if (thinking === undefined) return []
  const { toggle, efforts, maxBudgetTokens } = thinking
  const levels = efforts.length > 0 || maxBudgetTokens === undefined ? efforts : ["low", "medium", "high"]
  return toggle ? ["none", ...levels.filter((level) => level !== "none")] : levels
}
