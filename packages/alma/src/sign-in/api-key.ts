import { type ApiEndpoint, endpointLabel, type KeyHint, QwenAuthError } from "qwen-auth-core"
import {
  normalizeApiKey,
  PLANS,
  parseApiEndpoint,
  parseApiKeyKind,
  type ResolvedKey,
  resolveKeyEndpoint,
} from "qwen-auth-core/internal"
import type { AlmaChoice, AlmaUi } from "../host.ts"
import { MESSAGES, userMessage } from "../messages.ts"
import type { RegionSetting } from "../settings.ts"
import { askUntilValid, choose } from "../ui/dialogs.ts"
import { withProgress } from "../ui/progress.ts"
import { USER_AGENT } from "../user-agent.ts"
import type { SignInEnvironment } from "./environment.ts"

type Choice = "detect" | "workspace" | ApiEndpoint

/** The API key of a sign-in, and whether the service has confirmed it. */
export type CheckedKey = Pick<ResolvedKey, "credential" | "checked">

/**
 * Asks for an API key and its plan, and checks the key with Model Studio. When the plan cannot be detected, it asks for it again.
 * @param region the region whose endpoints are listed first
 * @param signal closes the progress and ends the check
 * @returns `undefined` when the user closed a dialog or `signal` aborted while one was open
 * @throws QwenAuthError as {@link resolveKeyEndpoint}
 */
export async function signInWithKey(
  environment: Pick<SignInEnvironment, "platform" | "ui">,
  region: RegionSetting,
  signal: AbortSignal,
): Promise<CheckedKey | undefined> {
  const { ui } = environment
  const { login } = MESSAGES
  const apiKey = await askUntilValid(
    ui,
    { title: login.title, prompt: login.keyPrompt, placeholder: login.keyPlaceholder, password: true },
    (text) => {
      const key = normalizeApiKey(text)
      parseApiKeyKind(key)
      return key
    },
  )
  if (apiKey === undefined || signal.aborted) return undefined
  for (let title: string = login.endpoint; ; ) {
    const hint = await askForEndpoint(ui, region, title)
    if (hint === undefined || signal.aborted) return undefined
    try {
      return await checkKey(environment, apiKey, hint, signal)
    } catch (error) {
      if (!QwenAuthError.isInstance(error) || error.code !== "api_key_undetermined") throw error
      title = userMessage(error)
    }
  }
}

/** Checks a key behind a progress. @throws QwenAuthError as {@link resolveKeyEndpoint} */
export function checkKey(
  { platform, ui }: Pick<SignInEnvironment, "platform" | "ui">,
  apiKey: string,
  hint: KeyHint,
  signal: AbortSignal,
): Promise<CheckedKey> {
  return withProgress(platform, ui, MESSAGES.login.checking, signal, (progress) =>
    resolveKeyEndpoint({ platform, apiKey, hint, userAgent: USER_AGENT, signal: progress.signal }),
  )
}

async function askForEndpoint(ui: AlmaUi, region: RegionSetting, title: string): Promise<KeyHint | undefined> {
  const { login } = MESSAGES
  const choice = await choose<Choice>(ui, endpointChoices(region), { title })
  if (choice === undefined) return undefined
  if (choice === "detect") return {}
  if (choice !== "workspace") return { plan: choice.plan, region: choice.region }
  return askUntilValid(
    ui,
    { title: login.title, prompt: login.hostPrompt, placeholder: login.hostPlaceholder },
    (text) => ({ endpoint: parseApiEndpoint(text) }),
  )
}

function endpointChoices(region: RegionSetting): AlmaChoice<Choice>[] {
  const endpoints = PLANS.flatMap((plan) => plan.endpoints)
  const first = endpoints.filter((endpoint) => endpoint.region === region)
  const rest = endpoints.filter((endpoint) => endpoint.region !== region)
  return [
    { label: MESSAGES.login.detect, description: MESSAGES.login.detectHint, value: "detect" },
    ...[...first, ...rest].map((endpoint) => ({ label: endpointLabel(endpoint), value: endpoint })),
    { label: MESSAGES.login.workspace, value: "workspace" },
  ]
}
