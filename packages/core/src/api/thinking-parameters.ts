import type { ModelFacts, ThinkingOptions } from "../catalog/model-facts.ts"
import { type ChatBody, fieldsOf } from "./body-rules.ts"

/** All levels that hosts use, weakest first. Levels in one group mean the same. */
const LEVELS = [["off", "none"], ["minimal"], ["low"], ["medium"], ["high"], ["xhigh"], ["max", "ultra"]]
const OFF = 0

/** The part of a model's largest `thinking_budget` that each level means, in the order of {@link LEVELS}. */
const BUDGET_PARTS = [1 / 16, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 1]

/**
 * Translates the level of thinking that a caller asks for (`reasoning_effort`, `reasoningEffort` or `reasoning.effort`)
 * into the parameters that the model has. None of the three fields is sent unless the model has efforts.
 *
 * - a model with efforts gets the nearest one, the stronger of two
 * - a model with a budget gets `enable_thinking: true` and a part of its largest budget: low an eighth, medium a quarter,
 *   high a half, everything above the whole
 * - `off` and `none` become `enable_thinking: false`; the weakest thinking, if the model always thinks
 * - a model that never thinks gets nothing, and neither does one that the catalogue does not know, because a parameter
 *   that a model does not have is refused
 *
 * The caller's own `enable_thinking` and `thinking_budget` come first; the budget is at most the model's. An effort and a
 * budget are not sent together.
 */
export function withThinkingParameters(body: ChatBody, facts: ModelFacts | undefined): ChatBody {
  const { reasoning, reasoning_effort, reasoningEffort, ...rest } = body
  const asked = [reasoning_effort, reasoningEffort, fieldsOf(reasoning)["effort"]].find(
    (level) => typeof level === "string",
  )
  const chosen = facts?.thinking === undefined || asked === undefined ? {} : parametersFor(asked, facts.thinking)
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
  const part = BUDGET_PARTS[rank]
  if (part === undefined || efforts.length > 0) return {}
  return maxBudgetTokens === undefined ? on : { ...on, thinking_budget: Math.ceil(maxBudgetTokens * part) }
}

/** Returns -1 for a text that is no level. */
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

/** Returns the chosen parameters that the caller's own ones leave. */
function withoutConflicts(chosen: ChatBody, body: ChatBody): ChatBody {
  if (body["enable_thinking"] === false) return {}
  const { enable_thinking, thinking_budget, reasoning_effort } = chosen
  const ownBudget = typeof body["thinking_budget"] === "number"
  const own = typeof body["enable_thinking"] === "boolean"
  return {
    ...(enable_thinking === undefined || own ? {} : { enable_thinking }),
    ...(thinking_budget === undefined || ownBudget ? {} : { thinking_budget }),
    ...(reasoning_effort === undefined || ownBudget ? {} : { reasoning_effort }),
  }
}

function clampedBudget({ thinking_budget: budget }: ChatBody, largest: number | undefined): ChatBody {
  return typeof budget === "number" && largest !== undefined && budget > largest ? { thinking_budget: largest } : {}
}

function isSame(changed: ChatBody, body: ChatBody): boolean {
  const names = Object.keys(body)
  return Object.keys(changed).length === names.length && names.every((name) => changed[name] === body[name])
}
