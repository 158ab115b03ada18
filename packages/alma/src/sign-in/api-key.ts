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
import { cancellable } from "./cancellable.ts"

type Place = "find out" | "workspace" | ApiEndpoint

/**
 * Signs in with an API key; undefined when the person closed a dialog.
 * @param region whose places are offered first
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
    validateInput: (text) => problemOf(() => parseApiKeyKind(normalizeApiKey(text))),
  })
  if (typeof entered !== "string" || signal.aborted) return undefined
  const hint = await chosenPlace(ui, region)
  if (hint === undefined || signal.aborted) return undefined
  return cancellable(platform, ui, login.checking, signal, (visible) =>
    resolveKeyEndpoint({ platform, apiKey: normalizeApiKey(entered), hint, signal: visible.signal }),
  )
}

async function chosenPlace(ui: AlmaUi, region: RegionSetting): Promise<KeyHint | undefined> {
  const place = await ui.showQuickPick<Place>(places(region), { title: MESSAGES.login.where })
  if (!place) return undefined
  if (place === "find out") return {}
  if (place !== "workspace") return { plan: place.plan, region: place.region }
  const host = await ui.showInputBox({
    title: MESSAGES.login.title,
    prompt: MESSAGES.login.hostPrompt,
    placeholder: MESSAGES.login.hostPlaceholder,
    validateInput: (text) => problemOf(() => parseApiEndpoint(text)),
  })
  return typeof host === "string" ? { endpoint: parseApiEndpoint(host) } : undefined
}

function places(region: RegionSetting): AlmaChoice<Place>[] {
  const sites = PLANS.flatMap((plan) => plan.endpoints)
  const first = sites.filter((site) => site.region === region)
  const rest = sites.filter((site) => site.region !== region)
  return [
    { label: MESSAGES.login.findOut, description: MESSAGES.login.findOutHint, value: "find out" },
    ...[...first, ...rest].map((site) => ({ label: endpointLabel(site), value: site })),
    { label: MESSAGES.login.workspace, value: "workspace" },
  ]
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return QwenAuthError.isInstance(error) ? userMessage(error) : String(error)
  }
}
