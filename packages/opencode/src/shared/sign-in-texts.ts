/** The id of OpenCode's own provider to which this plugin adds a sign-in. */
export const PROVIDER_ID = "alibaba"

/** The names of the ways to sign in. Both lines of OpenCode show the same ones. */
export const METHOD_LABELS = {
  account: "Qwen Account (OAuth)",
  console: "Model Studio account (browser)",
  key: "Model Studio API key",
  own: "Qwen Account already on this computer",
  "qwen-code": "Qwen Code's sign-in (shared)",
  "found-key": "API key already on this computer",
} as const

/** What the key of the console costs. The user reads it before a browser opens. */
export const CONSOLE_KEY_COST = "requests are paid as you go and can cost money"

/** Asks for the console of the user's account. */
export const CONSOLE_SITE = {
  question: `Where is your Alibaba Cloud account? (With its key, ${CONSOLE_KEY_COST}.)`,
  choices: [
    { label: "International", value: "international", hint: "modelstudio.console.alibabacloud.com" },
    { label: "China", value: "china", hint: "bailian.console.aliyun.com" },
  ],
  instructions:
    `Sign in and approve in a browser on this computer; if it asks to reach apps on this device, allow it. Then ${CONSOLE_KEY_COST}. ` +
    `Over SSH or in a container choose ${METHOD_LABELS.key} instead.`,
} as const

/** Asks for the endpoint of a key. */
export const KEY_ENDPOINT = {
  question: "Which plan and region is this key for?",
  detect: {
    label: "Detect automatically",
    value: "detect",
    hint: "asks Qwen Cloud (Model Studio) without using quota",
  },
  workspace: {
    label: "The API address that the console shows",
    value: "workspace",
    hint: "workspace, Tokyo, Frankfurt, trial",
  },
  host: {
    question: "API host or base URL, as the console shows it",
    placeholder: "ws-….ap-southeast-1.maas.aliyuncs.com",
  },
} as const

/** The instructions for a sign-in that is already on the computer. */
export const EXISTING_SIGN_IN = "The sign-in on this computer is used; no browser is needed."

/**
 * Returns the instructions for a device sign-in. OpenCode's interface finds the code in this text and copies it.
 * @param sharedWithQwenCode whether the account is stored in Qwen Code's file
 */
export function approveInstructions(userCode: string, sharedWithQwenCode: boolean): string {
  const shared = sharedWithQwenCode ? "Qwen Code, which shares this sign-in, gets the account too. " : ""
  return `${shared}Approve in the browser and check that it shows this code: ${userCode}`
}
