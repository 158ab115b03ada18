/**
 * The choices of the key's form and the environment variables, written out: this file is read at each start, and the code
 * that knows them is not. The test compares them with that code.
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

/** Where an API key of another program may be, by the ids that `packages/local` gives to these places. */
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

/** This provider's key in OpenCode 1, which a new database of OpenCode 2 does not import. */
export const FORMER_KEY = { id: "opencode-1", label: "OpenCode 1's provider alibaba" } as const

/**
 * The ids of the methods. `oauth` is the one that OpenCode gives to accounts of OpenCode 1, so that they are refreshed
 * too.
 */
export const METHOD_IDS = {
  account: "oauth",
  console: "console",
  own: "existing",
  "qwen-code": "qwen-code",
  "found-key": "found-key",
} as const
