import { describe, expect, it } from "vitest"
import { CODER_MODEL } from "./oauth-models.ts"
import { thinkingLevels } from "./thinking-levels.ts"

describe("the levels of thinking that a host offers", () => {
  it.each([
    ["none for a model that never thinks", undefined, []],
    ["none if there is no choice", { toggle: false, efforts: [] }, []],
    ["`none` for a model that has only a switch", { toggle: true, efforts: [] }, ["none"]],
    [
      "`low`, `medium` and `high` for a budget",
      { toggle: false, efforts: [], maxBudgetTokens: 81_920 },
      ["low", "medium", "high"],
    ],
    [
      "all four for a switch and a budget",
      { toggle: true, efforts: [], maxBudgetTokens: 81_920 },
      ["none", "low", "medium", "high"],
    ],
    ["the model's own efforts, unchanged", { toggle: false, efforts: ["high", "max"] }, ["high", "max"]],
    [
      "the efforts of a model that has a budget too",
      { toggle: true, efforts: ["low", "medium", "xhigh"], maxBudgetTokens: 262_144 },
      ["none", "low", "medium", "xhigh"],
    ],
    ["`none` only once", { toggle: true, efforts: ["none", "low"] }, ["none", "low"]],
  ] as const)("are %s", (_, thinking, levels) => {
    const { thinking: _own, ...facts } = CODER_MODEL
    expect(thinkingLevels({ ...facts, ...(thinking === undefined ? {} : { thinking }) })).toEqual(levels)
  })
})
