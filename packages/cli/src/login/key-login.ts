import { endpointLabel, type KeyHint, type PlanId, QwenAuthError, type Region } from "qwen-auth-core"
import {
  normalizeApiKey,
  PAY_AS_YOU_GO,
  PLAN_IDS,
  PLANS,
  parseApiEndpoint,
  parseApiKeyKind,
  REGIONS,
  resolveKeyEndpoint,
} from "qwen-auth-core/internal"
import { UsageError } from "../command-error.ts"
import { textOf, type Values } from "../commands/command.ts"
import { askChoice, askSecret, readAll } from "../terminal/read-line.ts"
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
 * Signs in with a key. Its plan and region are those that were given, or are detected. If that is not possible, the user
 * chooses them.
 * @throws QwenAuthError of {@link resolveKeyEndpoint}; `invalid_endpoint`; `credential_not_stored`
 */
export async function loginWithKey(context: LoginContext, text: string, hint = hintOf(context.values)): Promise<void> {
  const { output } = context
  const apiKey = normalizeApiKey(text)
  const kind = parseApiKeyKind(apiKey)
  output.event("checking")
  output.say("Checking the key …")
  try {
    await resolveAndStore(context, apiKey, hint)
  } catch (error) {
    if (!QwenAuthError.isInstance(error) || error.code !== "api_key_undetermined" || !canAsk(context)) throw error
    output.say(error.message)
    await resolveAndStore(context, apiKey, await askEndpoint(context, kind))
  }
}

async function resolveAndStore(context: LoginContext, apiKey: string, hint: KeyHint): Promise<void> {
  const { platform } = context.signIn
  const { credential, models, checked } = await resolveKeyEndpoint({ platform, apiKey, hint, signal: context.signal })
  await storeKey(context, credential, models, checked)
}

function canAsk({ world, output }: LoginContext): boolean {
  return world.stdin.isTTY === true && world.stdout.isTTY === true && !output.json
}

function askEndpoint({ world, signal }: LoginContext, kind: ReturnType<typeof parseApiKeyKind>): Promise<KeyHint> {
  const plans = PLANS.filter(({ id }) => (id === PAY_AS_YOU_GO.id) === (kind !== "plan"))
  const choices = plans.flatMap(({ endpoints }) =>
    endpoints.map((endpoint) => [endpointLabel(endpoint), { plan: endpoint.plan, region: endpoint.region }] as const),
  )
  return askChoice(world, "Which plan and region is this key for?", choices, signal)
}

function hintOf(values: Values): KeyHint {
  const endpoint = textOf(values, "endpoint")
  if (endpoint !== undefined) return { endpoint: parseApiEndpoint(endpoint) }
  // The names were checked when the command was parsed.
  const plan = PLAN_IDS.find((id): id is PlanId => id === values["plan"])
  const region = REGIONS.find((id): id is Region => id === values["region"])
  return { plan, region }
}
