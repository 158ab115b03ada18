import type { Directory } from "./directory.ts"
import type { HostContext } from "./host-types.ts"
import { followConnection } from "./models/follow-connection.ts"
import { applyModelPlan, type ModelPlan, SIGNED_OUT } from "./models/model-plan.ts"
import { type Register, registerHooks } from "./register-hooks.ts"
import { signInMethods } from "./sign-in/methods.ts"

/**
 * How long `setup` waits for OpenCode, ms. Sessions wait for `setup`, and one version of OpenCode never finishes the
 * registration of a hook.
 */
const REGISTRATION_MS = 1_000
/** Delay before the rest of the code is loaded, ms. An update may replace the plugin's files while OpenCode is running. */
const PRELOAD_MS = 2_000

/**
 * Registers everything with OpenCode in one directory, the sign-in methods first. Never rejects.
 * @param load loads the code of the directory, when it is needed
 * @returns the cleanup
 */
export async function register(
  context: HostContext,
  load: (ending: AbortSignal) => Promise<Directory>,
): Promise<() => void> {
  const ending = new AbortController()
  let loading: Promise<Directory> | undefined
  const directory = () => {
    loading ??= load(ending.signal)
    return loading
  }
  const warn = (message: string, error?: unknown) => {
    directory().then(
      (loaded) => loaded.warn(message, error),
      () => {},
    )
  }
  const tried: Register = async (what, start) => {
    try {
      const registered = start()
      if (registered === undefined) warn(`This version of OpenCode has no ${what}.`)
      else await registered
    } catch (error) {
      warn(`OpenCode did not register the ${what}.`, error)
    }
  }

  await within(REGISTRATION_MS, registerSignIn(context, directory, tried, warn))
  const models = registerModels(context, tried, warn)
  await within(REGISTRATION_MS, Promise.all([models.registered, ...registerHooks(context, directory, tried)]))
  const preload = setTimeout(() => void directory().catch(() => {}), PRELOAD_MS)
  preload.unref()
  void followConnection(context, directory, models.change, warn, ending.signal)
  return () => {
    clearTimeout(preload)
    ending.abort()
  }
}

type Warn = (message: string, error?: unknown) => void

function registerSignIn(context: HostContext, directory: () => Promise<Directory>, tried: Register, warn: Warn) {
  return tried("sign-in methods", () =>
    context.integration?.transform((editor) => {
      for (const method of signInMethods(directory)) {
        try {
          editor.method.update(method)
        } catch (error) {
          // The other methods still work.
          warn("OpenCode did not take a sign-in method.", error)
        }
      }
    }),
  )
}

function registerModels(context: HostContext, tried: Register, warn: Warn) {
  let current = SIGNED_OUT
  const registered = tried("list of models", () =>
    context.provider?.transform((editor) => {
      const failure = applyModelPlan(editor, current)
      if (failure !== undefined) warn("OpenCode did not take a model.", failure)
    }),
  )
  const change = (plan: ModelPlan) => {
    if (plan === current || JSON.stringify(plan) === JSON.stringify(current)) return
    current = plan
    void tried("changed list of models", () => context.provider?.reload())
  }
  return { registered, change }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}
