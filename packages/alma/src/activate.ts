import { authorizationServer, QwenAuthError, systemWorld, type World } from "qwen-auth-core"
import type { AlmaContext, AlmaDisposable } from "./host.ts"
import { almaLog } from "./log.ts"
import { almaFetch } from "./provider/alma-fetch.ts"
import { qwenProvider } from "./provider/provider.ts"
import { pluginSettings } from "./settings.ts"
import { Login } from "./sign-in/login.ts"
import { statusInWords } from "./status.ts"
import { signInSecrets } from "./storage/secrets.ts"
import { SignIn } from "./storage/sign-in.ts"
import { USER_AGENT } from "./user-agent.ts"
import { WORDS, words } from "./words.ts"

/** The plugin as Alma starts it. Asks nobody and reads nothing before it is used. */
export async function activate(context: AlmaContext): Promise<AlmaDisposable> {
  const ending = new AbortController()
  const settings = pluginSettings(context.settings)
  const world = systemWorld({ log: almaLog(context.logger, settings.debug) })
  const server = authorizationServer({ userAgent: USER_AGENT })
  const signIn = new SignIn(world, server, signInSecrets(world, context.storage.secrets))
  const login = new Login({ world, ui: context.ui, server, signIn, settings })
  const signOut = async () => {
    login.cancel()
    await signIn.clear()
  }
  const { commands, providers, ui } = context
  const registered = [
    providers.register(
      qwenProvider({
        world,
        signIn,
        fetch: almaFetch(world, signIn, settings),
        login: () => login.start(),
        logout: signOut,
        signal: ending.signal,
      }),
    ),
    commands.register("qwen-auth.login", () => login.start()),
    commands.register("qwen-auth.logout", () => askedSignOut(context, world, signOut)),
    commands.register("qwen-auth.status", async () => {
      ui.showNotification(statusInWords(await signIn.state(), world.now()), { type: "info" })
    }),
  ]
  return {
    dispose() {
      login.cancel()
      ending.abort()
      for (const disposable of registered.splice(0)) quietly(() => disposable.dispose())
    },
  }
}

/** One that fails is no reason to leave the others. */
function quietly(task: () => void): void {
  try {
    task()
  } catch {
    // Alma is ending it anyway.
  }
}

async function askedSignOut({ ui }: AlmaContext, world: World, signOut: () => Promise<void>): Promise<void> {
  const { ask, confirm, cancel, done } = WORDS.logout
  if (!(await ui.showConfirmDialog(ask, { confirmLabel: confirm, cancelLabel: cancel, type: "warning" }))) return
  try {
    await signOut()
    ui.showNotification(done, { type: "success" })
  } catch (error) {
    world.log.error("The sign-out failed.", { error })
    ui.showError(QwenAuthError.isInstance(error) ? words(error) : WORDS.logout.failed)
  }
}
