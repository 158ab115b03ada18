import { always, type ChatModel, hybrid, model, never } from "./chat-model.ts"

/** The plan's official list, with the thinking budgets of its documentation. */
export const CODING_PLAN_MODELS: Readonly<Record<string, ChatModel>> = {
  "qwen3.7-plus": model(983_616, hybrid(262_144)),
  "qwen3.6-plus": model(983_616, hybrid(81_920)),
  "qwen3.5-plus": model(983_616, hybrid(81_920)),
  "qwen3-max-2026-01-23": model(262_144, hybrid(81_920)),
  "qwen3-coder-plus": model(983_616, never),
  "qwen3-coder-next": model(262_144, never),
  "glm-5": model(202_752, hybrid(32_768)),
  "glm-4.7": model(202_752, hybrid(32_768)),
  "kimi-k2.5": model(262_144, hybrid(81_920)),
  "MiniMax-M2.5": model(196_601, always()),
}
