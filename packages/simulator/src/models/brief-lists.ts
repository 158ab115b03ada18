import type { Plan } from "../hosts/host.ts"

/** A shortened list of each plan's chat models, which is enough to test clients. */
export const BRIEF_LISTS: Readonly<Record<Plan, readonly string[]>> = {
  coding: [
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
  token: [
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
  payg: [
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
}

/** Also listed with pay as you go, but not chat models. */
export const BRIEF_OTHER_MODELS: readonly string[] = ["text-embedding-v4", "qwen-image-plus"]
