import { authorizationServer, nodePlatform, type Platform, QwenAuthError } from "qwen-auth-core"
import type { AlmaContext, AlmaDisposable } from "./host.ts"
import { almaLog } from "./log.ts"
import { MESSAGES, userMessage } from "./messages.ts"
import { almaFetch } from "./provider/alma-fetch.ts"
import { qwenProvider } from "./provider/provider.ts"
import { pluginSettings } from "./settings.ts"
import { Login } from "./sign-in/login.ts"
import { formatStatus } from "./status.ts"
import { secretStore } from "./storage/secret-store.ts"
import { SignIn } from "./storage/sign-in.ts"
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
  const signIn = new SignIn(platform, server, secretStore(platform, context.storage.secrets))
  const login = new Login({ platform, ui: context.ui, server, signIn, settings })
  const signOut = async () => {
    login.cancel()
    await signIn.clear()
  }
  const { commands, providers, ui } = context
  const registrations = [
    providers.register(
      qwenProvider({
        platform,
        signIn,
        fetch: almaFetch(platform, signIn, settings),
        login: () => login.start(),
        logout: signOut,
        signal: disposed.signal,
      }),
    ),
    commands.register("qwen-auth.login", () => login.start()),
    commands.register("qwen-auth.logout", () => confirmSignOut(context, platform, signOut)),
    commands.register("qwen-auth.status", async () => {
      ui.showNotification(formatStatus(await signIn.state(), platform.now()), { type: "info" })
    }),
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

async function confirmSignOut({ ui }: AlmaContext, platform: Platform, signOut: () => Promise<void>): Promise<void> {
  const { ask, confirm, cancel, done } = MESSAGES.logout
  if (!(await ui.showConfirmDialog(ask, { confirmLabel: confirm, cancelLabel: cancel, type: "warning" }))) return
  try {
    await signOut()
    ui.showNotification(done, { type: "success" })
  } catch (error) {
    platform.log.error("The sign-out failed.", { error })
    ui.showError(QwenAuthError.isInstance(error) ? userMessage(error) : MESSAGES.logout.failed)
  }
}
