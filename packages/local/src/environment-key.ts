import { type Logger, QwenAuthError } from "qwen-auth-core"
import { CODING_PLAN, normalizeApiKey, PAY_AS_YOU_GO, parseApiKeyKind, TOKEN_PLAN } from "qwen-auth-core/internal"
import type { StoredKey } from "./stored-key.ts"

/**
 * The environment variables that hold a key, the first one that is set counts: those of the official tools, then those
 * of OpenCode and models.dev, for each plan. `QWENCLOUD_API_KEY` names no plan, so that it is detected.
 * `DASHSCOPE_API_KEY` is not one of them, because OpenCode itself uses it for this provider, and `QWEN_API_KEY` is not,
 * because other programs keep keys of other services in it.
 */
const VARIABLES = [
  [CODING_PLAN.environmentVariable, "coding-plan"],
  ["ALIBABA_CODING_PLAN_API_KEY", "coding-plan"],
  [TOKEN_PLAN.environmentVariable, "token-plan"],
  ["ALIBABA_TOKEN_PLAN_API_KEY", "token-plan"],
  ["QWENCLOUD_API_KEY", undefined],
] as const

/** An API key from an environment variable. */
export interface EnvironmentKey {
  /** The name of the variable. */
  readonly variable: string
  /** The variables that hold other keys, which are not used. */
  readonly ignored: readonly string[]
  /** The plan in the variable's name; undefined if it names none. */
  readonly plan: "coding-plan" | "token-plan" | undefined
  /**
   * Returns the key. The first call logs a warning if another variable holds another key.
   * @throws QwenAuthError `api_key_malformed`; the message names the variable
   */
  stored(): Promise<StoredKey>
  /** Adds the variable's name to an error about the key. Returns any other error unchanged. */
  describeError(error: unknown): unknown
}

/** Returns whether one of the variables holds a key. */
export function hasEnvironmentKey(environment: Readonly<Record<string, string | undefined>>): boolean {
  return VARIABLES.some(([variable]) => {
    const value = environment[variable]
    // A host's start asks this, and mostly nothing is set.
    return value !== undefined && normalizeApiKey(value) !== ""
  })
}

/** Returns the key from the first environment variable that is set. */
export function environmentKey(
  environment: Readonly<Record<string, string | undefined>>,
  log: Logger,
): EnvironmentKey | undefined {
  const set = VARIABLES.flatMap(([variable, plan]) => {
    const apiKey = normalizeApiKey(environment[variable] ?? "")
    return apiKey === "" ? [] : [{ variable, plan, apiKey }]
  })
  const [used, ...rest] = set
  if (used === undefined) return undefined
  const { variable, plan, apiKey } = used
  const ignored = rest.filter((other) => other.apiKey !== apiKey).map((other) => other.variable)
  let warned = ignored.length === 0
  return {
    variable,
    ignored,
    plan,
    async stored() {
      if (!warned) log.warn(`The API key in ${variable} is used, not the other one in ${ignored.join(", ")}.`)
      warned = true
      return toStoredKey(apiKey, plan, variable)
    },
    describeError: describeErrorOf(variable),
  }
}

function toStoredKey(apiKey: string, plan: EnvironmentKey["plan"], variable: string): StoredKey {
  try {
    parseApiKeyKind(apiKey)
    return { apiKey, hint: plan === undefined ? {} : { plan } }
  } catch (error) {
    throw describeErrorOf(variable)(error)
  }
}

const describeErrorOf = (variable: string) => (error: unknown) => {
  if (!QwenAuthError.isInstance(error) || !error.code.startsWith("api_key_")) return error
  if (error.message.startsWith(variable)) return error
  const message = `${variable}: ${error.message}`
  // The key may be right, but a variable cannot say of which region it is.
  if (error.code === "api_key_undetermined") {
    return new QwenAuthError("api_key_undetermined", message, {
      remedy: "Remove the variable and sign in with the key instead, choosing its plan and region.",
    })
  }
  // Signing in would not help, because the variable would still be wrong. What a key looks like does.
  const look = error.code === "api_key_malformed" && error.remedy !== undefined ? `${error.remedy} ` : ""
  return new QwenAuthError("api_key_malformed", message, {
    remedy: `${look}Correct the variable, or remove it and sign in.`,
  })
}

/** Returns true when the environment has the key that OpenCode itself uses for this provider. */
export function hasHostKey(environment: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(environment[PAY_AS_YOU_GO.environmentVariable])
}
