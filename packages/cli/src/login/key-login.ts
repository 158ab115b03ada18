import type { KeyHint, PlanId, Region } from "qwen-auth-core"
import {
  normalizeApiKey,
  PLAN_IDS,
  parseApiEndpoint,
  parseApiKeyKind,
  REGIONS,
  resolveKeyEndpoint,
} from "qwen-auth-core/internal"
import { UsageError } from "../command-error.ts"
import { textOf, type Values } from "../commands/command.ts"
import { askSecret, readAll } from "../terminal/read-line.ts"
import type { LoginContext } from "./login-context.ts"
import { storeKey } from "./store-sign-in.ts"

/** Signs in with a key that the user types or pastes at the terminal, without showing it. */
export async function loginWithTypedKey(context: LoginContext): Promise<void> {
  const { world, signal, output } = context
  if (world.stdin.isTTY !== true || output.json)
    throw new UsageError("There is no terminal to enter a key. Use: qwen-auth login --key-stdin < FILE")
  await loginWithKey(context, await askSecret(world, "API key (it is not shown): ", signal))
}

/** Signs in with a key from standard input. */
export async function loginWithPipedKey(context: LoginContext): Promise<void> {
  const { world, signal } = context
  if (world.stdin.isTTY === true)
    throw new UsageError("Standard input is a terminal. Use --key, which does not show what you enter.")
  await loginWithKey(context, await readAll(world.stdin, signal))
}

/**
 * Signs in with a key. Its plan and region are those that were given, or are detected.
 * @throws QwenAuthError of {@link resolveKeyEndpoint}; `invalid_endpoint`; `credential_not_stored`
 */
export async function loginWithKey(context: LoginContext, text: string, hint = hintOf(context.values)): Promise<void> {
  const { signIn, output, signal } = context
  const apiKey = normalizeApiKey(text)
  parseApiKeyKind(apiKey)
  output.event("checking")
  output.say("Checking the key …")
  const { platform } = signIn
  const { credential, models, checked } = await resolveKeyEndpoint({ platform, apiKey, hint, signal })
  await storeKey(context, credential, models, checked)
}

function hintOf(values: Values): KeyHint {
  const endpoint = textOf(values, "endpoint")
  if (endpoint !== undefined) return { endpoint: parseApiEndpoint(endpoint) }
  // The names were checked when the command was parsed.
  const plan = PLAN_IDS.find((id): id is PlanId => id === values["plan"])
  const region = REGIONS.find((id): id is Region => id === values["region"])
  return { plan, region }
}
