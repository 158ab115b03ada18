import { endpointLabel, QwenAuthError } from "qwen-auth-core"
import {
  CODING_PLAN,
  normalizeApiKey,
  PLANS,
  parseApiEndpoint,
  parseApiKeyKind,
  TOKEN_PLAN,
} from "qwen-auth-core/internal"
import { userMessage } from "../messages.ts"
import type { SignInMethod } from "./method.ts"
import type { SignInOptions } from "./methods.ts"

/** The places that can be chosen, by their index. */
export const SITES = PLANS.flatMap(({ endpoints: sites }) => sites)
/** Chosen for a workspace's own host. */
export const WORKSPACE = "workspace"

/** Variables that hold a key without a sign-in. */
const IN_SCRIPTS = `${CODING_PLAN.environmentVariable} or ${TOKEN_PLAN.environmentVariable}`

/**
 * The sign-in method `Model Studio API key`. It is of OpenCode's kind that waits for something, because its kind for keys does
 * not show the plugin the key, so that it could not be checked.
 */
export function apiKeyMethod(options: SignInOptions): SignInMethod {
  return {
    type: "oauth",
    label: "Model Studio API key",
    prompts: [
      {
        type: "text",
        key: "key",
        // OpenCode waits at this prompt without a terminal too, and repeats what is piped into it.
        message: `Model Studio API key (shown while you type; in scripts set ${IN_SCRIPTS} instead)`,
        placeholder: "sk-…",
        validate: (text) => problemOf(() => parseApiKeyKind(normalizeApiKey(text))),
      },
      {
        type: "select",
        key: "place",
        message: "Where does the key belong?",
        options: [
          { label: "Find out", value: "find-out", hint: "asks Model Studio for the key's models" },
          ...SITES.map((site, index) => ({ label: endpointLabel(site), value: String(index) })),
          { label: "Pay as you go, a workspace's own host", value: WORKSPACE },
        ],
      },
      {
        type: "text",
        key: "host",
        message: "The workspace's API host",
        placeholder: "ws-….ap-southeast-1.maas.aliyuncs.com",
        when: { key: "place", op: "eq", value: WORKSPACE },
        validate: (text) => problemOf(() => parseApiEndpoint(text)),
      },
    ],
    authorize: async (inputs = {}) => (await import("../lazy.ts")).signInWithApiKey(options, inputs),
  }
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return QwenAuthError.isInstance(error) ? userMessage(error) : String(error)
  }
}
