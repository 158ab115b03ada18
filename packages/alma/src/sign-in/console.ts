import { type ConsoleSite, startConsoleSignIn } from "qwen-auth-core"
import { MESSAGES } from "../messages.ts"
import type { RegionSetting } from "../settings.ts"
import { choose } from "../ui/dialogs.ts"
import { withProgress } from "../ui/progress.ts"
import type { CheckedKey } from "./api-key.ts"
import { waitForApproval } from "./approval.ts"
import type { SignInEnvironment } from "./environment.ts"

/**
 * Signs in through the Model Studio console, which sends an API key to this computer.
 * @param region the console that is listed first
 * @returns `undefined` when the user closed the dialog or `signal` aborted while it was open
 * @throws QwenAuthError as {@link startConsoleSignIn}; `aborted` when the user cancels or `signal` aborts
 */
export async function signInThroughConsole(
  environment: SignInEnvironment,
  region: RegionSetting,
  signal: AbortSignal,
): Promise<CheckedKey | undefined> {
  const { platform, ui } = environment
  const { console, progress: title } = MESSAGES.login
  const sites: readonly ConsoleSite[] = region === "china" ? ["china", "international"] : ["international", "china"]
  const choices = sites.map((site) => ({ ...console.sites[site], value: site }))
  const chosen = await choose(ui, choices, { title: console.where, placeholder: console.cost })
  if (chosen === undefined || signal.aborted) return undefined
  return withProgress(platform, ui, title, signal, async (progress) => {
    const signIn = await startConsoleSignIn({ platform, site: chosen, signal: progress.signal })
    const { url } = signIn
    progress.show(() => console.waiting(url))
    const text = (opened: boolean) => (opened ? console.opened : console.notOpened)(url)
    return { credential: await waitForApproval(environment, { url, text }, progress, signIn.wait), checked: true }
  })
}
