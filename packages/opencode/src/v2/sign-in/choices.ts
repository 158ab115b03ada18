/**
 * The choices of the forms and the environment variables. They are written out because this file is read at each start
 * and must not import the code that defines them. A test compares them with that code.
 */

/** The endpoints of keys, by the values of the choice. */
export const KEY_ENDPOINTS: Readonly<Record<string, string>> = {
  "coding-plan-international": "Coding Plan (international)",
  "coding-plan-china": "Coding Plan (China)",
  "token-plan-international": "Token Plan (international)",
  "token-plan-china": "Token Plan (China)",
  "pay-as-you-go-international": "Pay as you go (international)",
  "pay-as-you-go-china": "Pay as you go (China)",
  "pay-as-you-go-us": "Pay as you go (US)",
  "pay-as-you-go-hongkong": "Pay as you go (Hong Kong)",
}

/** The environment variables that may hold a key. OpenCode's own comes first, because the first one that is set counts. */
export const KEY_VARIABLES = [
  "DASHSCOPE_API_KEY",
  "BAILIAN_CODING_PLAN_API_KEY",
  "ALIBABA_CODING_PLAN_API_KEY",
  "BAILIAN_TOKEN_PLAN_API_KEY",
  "ALIBABA_TOKEN_PLAN_API_KEY",
  "QWENCLOUD_API_KEY",
] as const

/** The sources of API keys of other programs, by their ids in `packages/local`. */
export const FOUND_KEYS: Readonly<Record<string, string>> = {
  "own-key": "The qwen-auth command",
  "opencode-alibaba-coding-plan": "OpenCode's provider alibaba-coding-plan",
  "opencode-alibaba-coding-plan-cn": "OpenCode's provider alibaba-coding-plan-cn",
  "opencode-alibaba-token-plan": "OpenCode's provider alibaba-token-plan",
  "opencode-alibaba-token-plan-cn": "OpenCode's provider alibaba-token-plan-cn",
  "opencode-alibaba-cn": "OpenCode's provider alibaba-cn",
  bailian: "~/.bailian/config.json",
  qwencloud: "~/.qwencloud/config.json",
}

/** This provider's key in OpenCode 1. A new database of OpenCode 2 does not import it. */
export const FORMER_KEY = { id: "opencode-1", label: "OpenCode 1's provider alibaba" } as const

/**
 * The ids of the methods. OpenCode gives `oauth` to accounts that it imports from OpenCode 1, so they are refreshed too.
 */
export const METHOD_IDS = {
  account: "oauth",
  console: "console",
  own: "existing",
  "qwen-code": "qwen-code",
  "found-key": "found-key",
} as const
