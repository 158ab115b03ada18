import { always, byEffort, type ChatModel, hybrid, model, UNDOCUMENTED } from "./chat-model.ts"

/** The Team tier: models.dev (September 2026), and `auto`. */
export const TEAM_MODELS: Readonly<Record<string, ChatModel>> = {
  "MiniMax-M2.5": model(196_601, always()),
  "deepseek-v3.2": model(131_072, hybrid()),
  "deepseek-v4-flash": model(1_000_000, hybrid(undefined, ["high", "max"])),
  "deepseek-v4-flash-0731": model(1_000_000, hybrid(undefined, ["high", "max"])),
  "deepseek-v4-pro": model(1_000_000, hybrid(undefined, ["high", "max"])),
  "deepseek-v4-pro-0813": model(1_000_000, hybrid(undefined, ["high", "max"])),
  "deepseek-v4.1-flash": model(1_000_000, hybrid(undefined, ["low", "high", "max"])),
  "glm-5": model(202_752, hybrid()),
  "glm-5.1": model(202_752, hybrid()),
  "glm-5.2": model(1_000_000, byEffort(["high", "max"])),
  "glm-5.3": model(1_000_000, byEffort(["low", "high", "max"])),
  "kimi-k2.5": model(262_144, hybrid(UNDOCUMENTED)),
  "kimi-k2.6": model(262_144, hybrid(UNDOCUMENTED)),
  "kimi-k2.7-code": model(262_144, hybrid(UNDOCUMENTED)),
  "qwen3.6-flash": model(983_616, hybrid(131_072)),
  "qwen3.6-plus": model(983_616, hybrid(131_072)),
  "qwen3.7-max": model(983_616, hybrid(262_144)),
  "qwen3.7-plus": model(983_616, hybrid(262_144)),
  "qwen3.8-flash": model(983_616, hybrid(262_144, ["low", "medium", "xhigh"])),
  "qwen3.8-max": model(983_616, hybrid(262_144, ["low", "medium", "xhigh"])),
  "qwen3.8-max-preview": model(983_616, byEffort(["low", "medium", "xhigh"], 262_144)),
  auto: model(983_616, byEffort([])),
}

/** The Personal tier, as listed in the plan's documentation, and `auto`. */
const PERSONAL_IDS = [
  "auto",
  "qwen3.8-max",
  "qwen3.8-flash",
  "qwen3.7-max",
  "qwen3.7-plus",
  "qwen3.6-flash",
  "deepseek-v4-pro",
  "deepseek-v4-pro-0813",
  "deepseek-v4.1-flash",
  "deepseek-v4-flash-0731",
  "glm-5.3",
  "glm-5.2",
]

export const PERSONAL_MODELS: Readonly<Record<string, ChatModel>> = Object.fromEntries(
  Object.entries(TEAM_MODELS).filter(([id]) => PERSONAL_IDS.includes(id)),
)

/** Models that are replaced by another one. */
export const REROUTED: ReadonlyMap<string, string> = new Map([
  ["auto", "qwen3.8-flash"],
  ["qwen3.8-max-preview", "qwen3.8-max"],
])
