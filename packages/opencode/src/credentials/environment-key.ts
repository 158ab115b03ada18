import { apiKeyForm, CODING_PLAN, QwenAuthError, TOKEN_PLAN, trimmedApiKey } from "qwen-auth-core"
import type { StoredKey } from "./host-record.ts"

/** A key that stands in the environment. */
export interface EnvironmentKey {
  readonly plan: "coding-plan" | "token-plan"
  /** @throws QwenAuthError `api_key_malformed`, naming the variable */
  stored(): Promise<StoredKey>
}

/**
 * The plan's key in the environment, as the official tools name it. `DASHSCOPE_API_KEY` is not among them: OpenCode itself
 * serves this provider with it.
 */
export function environmentKey(environment: Readonly<Record<string, string | undefined>>): EnvironmentKey | undefined {
  for (const { id, environmentVariable } of [CODING_PLAN, TOKEN_PLAN]) {
    const apiKey = trimmedApiKey(environment[environmentVariable] ?? "")
    if (apiKey === "" || (id !== "coding-plan" && id !== "token-plan")) continue
    return { plan: id, stored: async () => checked(apiKey, id, environmentVariable) }
  }
  return undefined
}

function checked(apiKey: string, plan: EnvironmentKey["plan"], variable: string): StoredKey {
  try {
    apiKeyForm(apiKey)
    return { apiKey, hint: { plan } }
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) throw error
    const { code, message, remedy } = error
    throw new QwenAuthError(code, `${variable}: ${message}`, remedy === undefined ? {} : { remedy })
  }
}
