import {
  apiKeyForm,
  type KeyHint,
  type LocatedKey,
  locateKey,
  PLANS,
  type PlanSite,
  QwenAuthError,
  siteName,
  trimmedApiKey,
  type World,
  workspaceSite,
} from "qwen-auth-core"
import type { AlmaChoice, AlmaUi } from "../host.ts"
import type { RegionSetting } from "../settings.ts"
import { WORDS, words } from "../words.ts"
import { cancellable } from "./cancellable.ts"

type Place = "find out" | "workspace" | PlanSite

/**
 * Signs in with an API key; undefined when the person closed a dialog.
 * @param region whose places are offered first
 */
export async function signInWithKey(
  world: World,
  ui: AlmaUi,
  region: RegionSetting,
  signal: AbortSignal,
): Promise<LocatedKey | undefined> {
  const { login } = WORDS
  const entered = await ui.showInputBox({
    title: login.title,
    prompt: login.keyPrompt,
    placeholder: login.keyPlaceholder,
    password: true,
    validateInput: (text) => problemOf(() => apiKeyForm(trimmedApiKey(text))),
  })
  if (typeof entered !== "string" || signal.aborted) return undefined
  const hint = await chosenPlace(ui, region)
  if (hint === undefined || signal.aborted) return undefined
  return cancellable(world, ui, login.checking, signal, (visible) =>
    locateKey(world, trimmedApiKey(entered), hint, visible.signal),
  )
}

async function chosenPlace(ui: AlmaUi, region: RegionSetting): Promise<KeyHint | undefined> {
  const place = await ui.showQuickPick<Place>(places(region), { title: WORDS.login.where })
  if (!place) return undefined
  if (place === "find out") return {}
  if (place !== "workspace") return { plan: place.plan, region: place.region }
  const host = await ui.showInputBox({
    title: WORDS.login.title,
    prompt: WORDS.login.hostPrompt,
    placeholder: WORDS.login.hostPlaceholder,
    validateInput: (text) => problemOf(() => workspaceSite(text)),
  })
  return typeof host === "string" ? { workspace: workspaceSite(host) } : undefined
}

function places(region: RegionSetting): AlmaChoice<Place>[] {
  const sites = PLANS.flatMap((plan) => plan.sites)
  const first = sites.filter((site) => site.region === region)
  const rest = sites.filter((site) => site.region !== region)
  return [
    { label: WORDS.login.findOut, description: WORDS.login.findOutHint, value: "find out" },
    ...[...first, ...rest].map((site) => ({ label: siteName(site), value: site })),
    { label: WORDS.login.workspace, value: "workspace" },
  ]
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return QwenAuthError.isInstance(error) ? words(error) : String(error)
  }
}
