import { endpointLabel, QwenAuthError } from "qwen-auth-core"
import { CODING_PLAN, normalizeApiKey, parseApiEndpoint, parseApiKeyKind, TOKEN_PLAN } from "qwen-auth-core/internal"
import { userMessage } from "../messages.ts"
import { ENDPOINTS, WORKSPACE } from "./key-endpoint-choices.ts"
import type { SignInMethod, SignInOptions } from "./method.ts"

/** The environment variables that hold a key, so that no sign-in is needed. */
const IN_SCRIPTS = `${CODING_PLAN.environmentVariable} or ${TOKEN_PLAN.environmentVariable}`

/**
 * The sign-in method `Model Studio API key`. Its type is `oauth`, because with OpenCode's type `api` the plugin does
 * not get the key and cannot check it.
 */
export function apiKeyMethod(options: SignInOptions): SignInMethod {
  return {
    type: "oauth",
    label: "Model Studio API key",
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
        message: "Which plan and region is this key for?",
        options: [
          {
            label: "Detect automatically",
            value: "detect",
            hint: "asks Qwen Cloud (Model Studio) without using quota",
          },
          ...ENDPOINTS.map((endpoint, index) => ({ label: endpointLabel(endpoint), value: String(index) })),
          {
            label: "The API address that the console shows",
            value: WORKSPACE,
            hint: "workspace, Tokyo, Frankfurt, trial",
          },
        ],
      },
      {
        type: "text",
        key: "host",
        message: "API host or base URL, as the console shows it",
        placeholder: "ws-….ap-southeast-1.maas.aliyuncs.com",
        when: { key: "endpoint", op: "eq", value: WORKSPACE },
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
