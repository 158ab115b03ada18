import type { ModelFacts, ThinkingOptions } from "../catalog/model-facts.ts"
import { asObject, type ChatBody } from "./body-rules.ts"

/** All levels that hosts use, weakest first. The levels of a group mean the same. */
const LEVELS = [["off", "none"], ["minimal"], ["low"], ["medium"], ["high"], ["xhigh"], ["max", "ultra"]]
const OFF = 0

/** The share of the largest `thinking_budget` that each group of {@link LEVELS} stands for. */
const BUDGET_SHARES = [1 / 16, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 1]

/**
 * Translates the level of thinking that a caller asks for (`reasoning_effort`, `reasoningEffort` or `reasoning.effort`)
 * into the parameters that the model has. None of the three fields is sent unless the model has efforts.
 *
 * - A model with efforts gets the nearest one, the stronger of two.
 * - A model with a budget gets `enable_thinking: true` and a share of its largest budget: an eighth for low, a quarter for
 *   medium, half for high, the whole budget above that.
 * - `off` and `none` become `enable_thinking: false`, or the weakest thinking if the model always thinks.
 * - A model that never thinks or that the catalogue does not have gets no parameter, because the service refuses parameters
 *   that a model does not have.
 *
 * The caller's own `enable_thinking` and `thinking_budget` are kept; the budget is limited to the model's. An effort and a
 * budget are never sent together.
 */
export function withThinkingParameters(body: ChatBody, facts: ModelFacts | undefined): ChatBody {
  const { reasoning, reasoning_effort, reasoningEffort, ...rest } = body
  const levels = [reasoning_effort, reasoningEffort, asObject(reasoning)["effort"]]
  const level = levels.find((value) => typeof value === "string")
  const chosen = facts?.thinking === undefined || level === undefined ? {} : parametersFor(level, facts.thinking)
  const changed = {
    ...rest,
    ...withoutConflicts(chosen, body),
    ...clampedBudget(body, facts?.thinking?.maxBudgetTokens),
  }
  return isSame(changed, body) ? body : changed
}

/** Returns true if a model of the catalogue thinks before it answers this request. */
export function thinksAbout(body: ChatBody, facts: ModelFacts | undefined): boolean {
  return facts?.thinking !== undefined && body["enable_thinking"] !== false && body["reasoning_effort"] !== "none"
}

function parametersFor(level: string, { toggle, efforts, maxBudgetTokens }: ThinkingOptions): ChatBody {
  const rank = rankOf(level)
  if (rank === OFF && toggle) return { enable_thinking: false }
  if (rank === OFF && efforts.includes("none")) return { reasoning_effort: "none" }
  const effort = efforts.includes(level) ? level : nearestEffort(rank, efforts)
  const on = toggle ? { enable_thinking: true } : {}
  if (effort !== undefined) return { ...on, reasoning_effort: effort }
  const share = BUDGET_SHARES[rank]
  if (share === undefined || efforts.length > 0) return {}
  return maxBudgetTokens === undefined ? on : { ...on, thinking_budget: Math.ceil(maxBudgetTokens * share) }
}

/** Returns the index of a level in {@link LEVELS}, or -1 for an unknown level. */
function rankOf(level: string): number {
  return LEVELS.findIndex((group) => group.includes(level.trim().toLowerCase()))
}

function nearestEffort(rank: number, efforts: readonly string[]): string | undefined {
  if (rank === -1) return undefined
  const ranked = efforts
    .map((effort) => ({ effort, rank: rankOf(effort) }))
    .filter((candidate) => candidate.rank > OFF)
    .sort((a, b) => Math.abs(a.rank - rank) - Math.abs(b.rank - rank) || b.rank - a.rank)
  return ranked[0]?.effort
}

/** Returns the chosen parameters that do not conflict with the caller's own parameters. */
function withoutConflicts(chosen: ChatBody, body: ChatBody): ChatBody {
  if (body["enable_thinking"] === false) return {}
  const { enable_thinking, ...budgetOrEffort } = chosen
  const isChosen = enable_thinking !== undefined && typeof body["enable_thinking"] !== "boolean"
  return {
    ...(isChosen ? { enable_thinking } : {}),
    ...(typeof body["thinking_budget"] === "number" ? {} : budgetOrEffort),
  }
}

function clampedBudget({ thinking_budget: budget }: ChatBody, largest: number | undefined): ChatBody {
  return typeof budget === "number" && largest !== undefined && budget > largest ? { thinking_budget: largest } : {}
}

function isSame(changed: ChatBody, body: ChatBody): boolean {
  const names = Object.keys(body)
  return Object.keys(changed).length === names.length && names.every((name) => changed[name] === body[name])
}
