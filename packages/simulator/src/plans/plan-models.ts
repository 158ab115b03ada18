import type { Plan } from "../hosts/host.ts"

/** What `GET {base}/models` lists. */
interface PlanModels {
  chat: readonly string[]
  /** Listed beside them, but nothing to chat with. */
  other: readonly string[]
}

/** The models of each plan. */
export const PLAN_MODELS: Readonly<Record<Plan, PlanModels>> = {
  coding: {
    chat: [
      "qwen3.5-plus",
      "qwen3.6-plus",
      "qwen3.7-plus",
      "qwen3-coder-plus",
      "qwen3-coder-next",
      "qwen3-max-2026-01-23",
      "glm-5",
      "glm-4.7",
      "kimi-k2.5",
      "MiniMax-M2.5",
    ],
    other: [],
  },
  token: {
    chat: [
      "qwen3.7-plus",
      "qwen3.6-plus",
      "qwen3.7-max",
      "qwen3.6-flash",
      "qwen3.8-max",
      "qwen3.8-flash",
      "deepseek-v4-pro",
      "glm-5.2",
      "deepseek-v3.2",
      "kimi-k2.6",
      "kimi-k2.5",
      "glm-5.1",
      "glm-5",
      "MiniMax-M2.5",
    ],
    other: [],
  },
  payg: {
    chat: [
      "qwen3.6-plus",
      "qwen3.7-plus",
      "qwen3.7-max",
      "qwen3.8-max",
      "qwen3.8-flash",
      "qwen3-coder-plus",
      "qwen3-coder-flash",
      "qwen3-max",
      "qwen3-max-preview",
      "qwen3-vl-plus",
      "qwen3-235b-a22b-thinking-2507",
      "qwen3-235b-a22b-instruct-2507",
      "qwen3-32b",
    ],
    other: ["text-embedding-v4", "qwen-image-plus"],
  },
}
