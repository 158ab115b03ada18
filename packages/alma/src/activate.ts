import { authorizationServer, nodePlatform, type Platform, QwenAuthError } from "qwen-auth-core"
import { thisComputer } from "qwen-auth-local/this-computer"
import { registerCommand } from "./commands.ts"
import type { AlmaContext, AlmaDisposable, AlmaUi } from "./host.ts"
import { almaLog } from "./log.ts"
import { MESSAGES, userMessage } from "./messages.ts"
import { almaFetch } from "./provider/alma-fetch.ts"
import { storedLists } from "./provider/live-lists.ts"
import { qwenProvider } from "./provider/provider.ts"
import { pluginSettings } from "./settings.ts"
import { Login } from "./sign-in/login.ts"
import { formatStatus } from "./status.ts"
import { filesInPlace } from "./storage/files-in-place.ts"
import { secretStore } from "./storage/secret-store.ts"
import { SignIn } from "./storage/sign-in.ts"
import { browserOpener } from "./ui/browser.ts"
import { choose, confirm } from "./ui/dialogs.ts"
import { almaNotices, type Notices } from "./ui/notices.ts"
import { USER_AGENT } from "./user-agent.ts"

/**
 * The plugin's entry point, called by Alma. Registers the provider and the commands; sends no request and reads no file.
 * @returns `dispose()`, which removes the registrations and ends what is running
 */
export async function activate(context: AlmaContext): Promise<AlmaDisposable> {
  const disposed = new AbortController()
  const settings = pluginSettings(context.settings)
  const platform = nodePlatform({ log: almaLog(context.logger, settings.debug) })
  const server = authorizationServer({ userAgent: USER_AGENT })
  const files = filesInPlace(platform, () => thisComputer({}))
  const signIn = new SignIn(platform, server, secretStore(platform, context.storage.secrets, files))
  const openInBrowser = browserOpener(platform, context.ui)
  const login = new Login({ platform, ui: context.ui, openInBrowser, server, signIn, files, settings })
  const signOut = async () => {
    login.cancel()
    await signIn.clear()
  }
  const { providers, ui } = context
  const notices = almaNotices(ui, platform.log)
  const command = (name: string, handler: () => Promise<unknown>) => registerCommand(context, platform, name, handler)
  const registrations = [
    providers.register(
      qwenProvider({
        platform,
        signIn,
        lists: storedLists(platform, context.storage.local),
        fetch: almaFetch(platform, signIn, settings),
        login: () => login.start(),
        logout: signOut,
        signal: disposed.signal,
      }),
    ),
    ...command("login", () => login.start()),
    ...command("logout", () => confirmSignOut(ui, notices, platform, signOut)),
    ...command("status", async () => notices.info(formatStatus(await signIn.state(), platform.now()))),
  ]
  return {
    dispose() {
      login.cancel()
      disposed.abort()
      for (const disposable of registrations.splice(0)) ignoringErrors(() => disposable.dispose())
    },
  }
}

/** Lets the other registrations be removed when one cannot be. */
function ignoringErrors(task: () => void): void {
  try {
    task()
  } catch {
    // Alma unloads the plugin anyway.
  }
}

async function confirmSignOut(
  ui: AlmaUi,
  notices: Notices,
  { log }: Platform,
  signOut: () => Promise<void>,
): Promise<void> {
  if (!(await isConfirmed(ui, log))) return
  try {
    await signOut()
    notices.success(MESSAGES.logout.done)
  } catch (error) {
    log.error("The sign-out failed.", { error })
    notices.error(QwenAuthError.isInstance(error) ? userMessage(error) : MESSAGES.logout.failed)
  }
}

/** Asks in a dialog, or by a choice where Alma has no dialog. */
async function isConfirmed(ui: AlmaUi, log: Platform["log"]): Promise<boolean> {
  const { ask, confirm: yes, cancel: no } = MESSAGES.logout
  const answer = await confirm(ui, log, ask, { confirmLabel: yes, cancelLabel: no, type: "warning" })
  if (answer !== undefined) return answer
  const choices = [
    { label: yes, value: true },
    { label: no, value: false },
  ]
  return (await choose(ui, choices, { title: ask })) ?? false
}
