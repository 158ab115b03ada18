import { endpointLabel, QwenAuthError } from "qwen-auth-core"
import {
  CODING_PLAN,
  normalizeApiKey,
  PLANS,
  parseApiEndpoint,
  parseApiKeyKind,
  TOKEN_PLAN,
} from "qwen-auth-core/internal"
import { KEY_ENDPOINT, METHOD_LABELS } from "../../shared/sign-in-texts.ts"
import type { MethodOptions, SignInMethod } from "./method.ts"

/** The endpoints that the user can choose. The value of the choice is the index. */
export const ENDPOINTS = PLANS.flatMap(({ endpoints }) => endpoints)

/** The environment variables that hold a key, so that no sign-in is needed. */
const IN_SCRIPTS = `${CODING_PLAN.environmentVariable} or ${TOKEN_PLAN.environmentVariable}`

/**
 * The sign-in method `Model Studio API key`. Its type is `oauth`, because with OpenCode's type `api` the plugin does
 * not get the key and cannot check it.
 */
export function apiKeyMethod({ signIns }: MethodOptions): SignInMethod {
  return {
    type: "oauth",
    label: METHOD_LABELS.key,
    prompts: [
      {
        type: "text",
        key: "key",
        // OpenCode also waits at this prompt without a terminal, and prints what is piped into it.
        message: `Qwen Cloud (Model Studio) API key (shown while you type; in scripts set ${IN_SCRIPTS} instead)`,
        placeholder: "sk-…",
        validate: (text) => problemOf(() => parseApiKeyKind(normalizeApiKey(text))),
      },
      {
        type: "select",
        key: "endpoint",
        message: KEY_ENDPOINT.question,
        options: [
          KEY_ENDPOINT.detect,
          ...ENDPOINTS.map((endpoint, index) => ({ label: endpointLabel(endpoint), value: String(index) })),
          KEY_ENDPOINT.workspace,
        ],
      },
      {
        type: "text",
        key: "host",
        message: KEY_ENDPOINT.host.question,
        placeholder: KEY_ENDPOINT.host.placeholder,
        when: { key: "endpoint", op: "eq", value: KEY_ENDPOINT.workspace.value },
        validate: (text) => problemOf(() => parseApiEndpoint(text)),
      },
    ],
    authorize: async (inputs = {}) => (await signIns()).apiKey(inputs),
  }
}

/** Returns the message for the user if `check` throws. */
function problemOf(check: () => unknown): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return QwenAuthError.isInstance(error) ? error.sentence : String(error)
  }
}
