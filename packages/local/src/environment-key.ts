import { QwenAuthError } from "qwen-auth-core"
import { CODING_PLAN, normalizeApiKey, PAY_AS_YOU_GO, parseApiKeyKind, TOKEN_PLAN } from "qwen-auth-core/internal"
import type { StoredKey } from "./stored-key.ts"

/** An API key from an environment variable. */
export interface EnvironmentKey {
  readonly plan: "coding-plan" | "token-plan"
  /** @throws QwenAuthError `api_key_malformed`; the message names the variable */
  stored(): Promise<StoredKey>
  /** Adds the variable's name to an error about the key. Returns any other error unchanged. */
  describeError(error: unknown): unknown
}

/**
 * Returns the plan's key from the environment variables that the official tools use. `DASHSCOPE_API_KEY` is not one of
 * them, because OpenCode itself uses it for this provider.
 */
export function environmentKey(environment: Readonly<Record<string, string | undefined>>): EnvironmentKey | undefined {
  for (const { id, environmentVariable } of [CODING_PLAN, TOKEN_PLAN]) {
    const apiKey = normalizeApiKey(environment[environmentVariable] ?? "")
    if (apiKey === "" || (id !== "coding-plan" && id !== "token-plan")) continue
    return {
      plan: id,
      stored: async () => checked(apiKey, id, environmentVariable),
      describeError: describeErrorOf(environmentVariable),
    }
  }
  return undefined
}

function checked(apiKey: string, plan: EnvironmentKey["plan"], variable: string): StoredKey {
  try {
    parseApiKeyKind(apiKey)
    return { apiKey, hint: { plan } }
  } catch (error) {
    throw describeErrorOf(variable)(error)
  }
}

const describeErrorOf = (variable: string) => (error: unknown) => {
  if (!QwenAuthError.isInstance(error) || !error.code.startsWith("api_key_")) return error
  if (error.message.startsWith(variable)) return error
  // Signing in would not help, because the variable would still be wrong.
  return new QwenAuthError("api_key_malformed", `${variable}: ${error.message}`, {
    remedy: "Correct the variable, or remove it and sign in.",
  })
}

/** Returns true when the environment has the key that OpenCode itself uses for this provider. */
export function hasHostKey(environment: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(environment[PAY_AS_YOU_GO.environmentVariable])
}
