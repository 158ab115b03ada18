import { QwenAuthError } from "qwen-auth-core"
import { CODING_PLAN, normalizeApiKey, parseApiKeyKind, TOKEN_PLAN } from "qwen-auth-core/internal"
import type { StoredKey } from "./stored-key.ts"

/** A key that stands in the environment. */
export interface EnvironmentKey {
  readonly plan: "coding-plan" | "token-plan"
  /** @throws QwenAuthError `api_key_malformed`, naming the variable */
  stored(): Promise<StoredKey>
  /** An error about the key, naming the variable; any other as it is. */
  describeError(error: unknown): unknown
}

/**
 * The plan's key in the environment, as the official tools name it. `DASHSCOPE_API_KEY` is not among them: OpenCode itself
 * serves this provider with it.
 */
export function environmentKey(environment: Readonly<Record<string, string | undefined>>): EnvironmentKey | undefined {
  for (const { id, environmentVariable } of [CODING_PLAN, TOKEN_PLAN]) {
    const apiKey = normalizeApiKey(environment[environmentVariable] ?? "")
    if (apiKey === "" || (id !== "coding-plan" && id !== "token-plan")) continue
    return {
      plan: id,
      stored: async () => checked(apiKey, id, environmentVariable),
      describeError: named(environmentVariable),
    }
  }
  return undefined
}

function checked(apiKey: string, plan: EnvironmentKey["plan"], variable: string): StoredKey {
  try {
    parseApiKeyKind(apiKey)
    return { apiKey, hint: { plan } }
  } catch (error) {
    throw named(variable)(error)
  }
}

const named = (variable: string) => (error: unknown) => {
  if (!QwenAuthError.isInstance(error) || !error.code.startsWith("api_key_")) return error
  if (error.message.startsWith(variable)) return error
  // Signing in would not help: the variable would be no better.
  return new QwenAuthError("api_key_malformed", `${variable}: ${error.message}`, {
    remedy: "Correct the variable, or remove it and sign in.",
  })
}
