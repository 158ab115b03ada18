import { type ApiEndpoint, endpointLabel, type KeyHint, type Platform, QwenAuthError } from "qwen-auth-core"
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
import { USER_AGENT } from "../user-agent.ts"
import { cancellable } from "./cancellable.ts"

type Choice = "detect" | "workspace" | ApiEndpoint

/**
 * Asks for an API key and its plan, and checks the key with Model Studio.
 * @param region the region whose endpoints are listed first
 * @param signal closes the progress and ends the check
 * @returns `undefined` when the user closed a dialog or `signal` aborted while one was open
 * @throws QwenAuthError as {@link resolveKeyEndpoint}
 */
export async function signInWithKey(
  platform: Platform,
  ui: AlmaUi,
  region: RegionSetting,
  signal: AbortSignal,
): Promise<ResolvedKey | undefined> {
  const { login } = MESSAGES
  const entered = await ui.showInputBox({
    title: login.title,
    prompt: login.keyPrompt,
    placeholder: login.keyPlaceholder,
    password: true,
    validateInput: (text) => errorMessage(() => parseApiKeyKind(normalizeApiKey(text))),
  })
  if (typeof entered !== "string" || signal.aborted) return undefined
  const hint = await askForEndpoint(ui, region)
  if (hint === undefined || signal.aborted) return undefined
  return cancellable(platform, ui, login.checking, signal, (progress) =>
    resolveKeyEndpoint({
      platform,
      apiKey: normalizeApiKey(entered),
      hint,
      userAgent: USER_AGENT,
      signal: progress.signal,
    }),
  )
}

async function askForEndpoint(ui: AlmaUi, region: RegionSetting): Promise<KeyHint | undefined> {
  const choice = await ui.showQuickPick<Choice>(endpointChoices(region), { title: MESSAGES.login.endpoint })
  if (!choice) return undefined
  if (choice === "detect") return {}
  if (choice !== "workspace") return { plan: choice.plan, region: choice.region }
  const host = await ui.showInputBox({
    title: MESSAGES.login.title,
    prompt: MESSAGES.login.hostPrompt,
    placeholder: MESSAGES.login.hostPlaceholder,
    validateInput: (text) => errorMessage(() => parseApiEndpoint(text)),
  })
  return typeof host === "string" ? { endpoint: parseApiEndpoint(host) } : undefined
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

function errorMessage(check: () => unknown): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return QwenAuthError.isInstance(error) ? userMessage(error) : String(error)
  }
}
