import { QwenAuthError } from "qwen-auth-core"
import { normalizeApiKey } from "qwen-auth-core/internal"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { thisComputer } from "qwen-auth-local/this-computer"
import { type HostCredential, hostAccount, parseHostCredential } from "./host-credential.ts"
import type { ContextEvent, HostContext, HostOAuth } from "./host-types.ts"
import { connectedModels, refreshModelList } from "./models/connected-models.ts"
import type { ModelPlan } from "./models/model-plan.ts"
import { type HttpHooks, httpHooks } from "./requests/http-hooks.ts"
import { activeCredential } from "./requests/request-sender.ts"
import { type ProcessServices, processServices } from "./services.ts"
import { withUserMessage } from "./sign-in/authorization.ts"
import { KEY_VARIABLES } from "./sign-in/choices.ts"
import { type SignIns, signIns } from "./sign-in/sign-ins.ts"
import { appendToolNames } from "./tool-names.ts"

/** The plugin's work in one directory of OpenCode. Its code is loaded on first use, not at OpenCode's start. */
export interface Directory {
  readonly signIn: SignIns
  readonly http: HttpHooks
  /**
   * Returns a valid account for one that OpenCode wants to refresh.
   * @throws Error with the message for the user
   */
  refresh(credential: HostOAuth): Promise<HostOAuth>
  /** Adds the names of the tools to a prompt. */
  addToolNames(event: ContextEvent): Promise<void>
  /** Returns the models of the current connection. Calls `changed` with each later list. */
  models(changed: (plan: ModelPlan) => void): Promise<ModelPlan>
  warn(message: string, error?: unknown): void
}

/** Loads a directory with the settings of this computer. */
export function loadDirectory(context: HostContext, ending: AbortSignal): Directory {
  const sources = thisComputer(context.options ?? {})
  return createDirectory(context, processServices(sources), ending)
}

/** @param ending aborts when OpenCode ends the plugin in this directory */
export function createDirectory(context: HostContext, own: ProcessServices, ending: AbortSignal): Directory {
  const { platform, services } = own
  const { log } = platform
  const connections = context.integration?.connection
  let listAgain = (_: StoredKey) => {}
  const keyResolved = (key: StoredKey) => listAgain(key)
  const forget = () => void services().onKeyResolved.delete(keyResolved)
  return {
    signIn: signIns(services, log, hostUserAgent(context), ending),
    http: httpHooks(own, connections),
    refresh: (credential) => withUserMessage(log, refreshed(own, credential)),
    async addToolNames(event) {
      if (await services().local.toolNamesEnabled()) appendToolNames(event)
    },
    async models(changed) {
      const credential = await activeCredential(platform, connections, (variable) => own.environment[variable])
      warnOfOtherVariables(own, credential)
      const plan = await connectedModels(services(), credential)
      // Started after the plan is known, so that this plan cannot replace a new list.
      void refreshedList(own, credential, ending, changed)
      // Until a request detects the endpoint of a key, its list is that of the likely plans.
      listAgain = (key) => {
        if (credential?.kind !== "key" || credential.key.apiKey !== key.apiKey) return
        connectedModels(services(), { ...credential, key }).then(changed, () => {})
      }
      services().onKeyResolved.add(keyResolved)
      ending.addEventListener("abort", forget, { once: true })
      return plan
    },
    warn: (message, error) => log.warn(message, error === undefined ? {} : { error }),
  }
}

/** The `User-Agent` of OpenCode 2's own requests. */
function hostUserAgent({ app }: HostContext): string {
  const { channel = "latest", version = "2", name = "cli" } = app ?? {}
  return `opencode/${channel}/${version}/${name}`
}

/** The processes that have logged the warning. */
const warned = new WeakSet<ProcessServices>()

function warnOfOtherVariables(own: ProcessServices, credential: HostCredential | undefined): void {
  if (credential?.kind !== "key" || credential.variable === undefined || warned.has(own)) return
  const { variable, key } = credential
  const others = KEY_VARIABLES.filter((name) => {
    const other = normalizeApiKey(own.environment[name] ?? "")
    return name !== variable && other !== "" && other !== key.apiKey
  })
  if (others.length === 0) return
  warned.add(own)
  own.platform.log.warn(`The API key in ${variable} is used, not the other one in ${others.join(", ")}.`)
}

async function refreshed({ services }: ProcessServices, stored: HostOAuth): Promise<HostOAuth> {
  const account = parseHostCredential(stored)
  if (account?.kind !== "account") {
    throw new QwenAuthError("credential_unusable", "OpenCode's stored sign-in is not complete.", {
      remedy: "Sign in again.",
    })
  }
  const credential = await (await services().managerOf(account)).getCredential()
  if (credential.type === "oauth") return hostAccount(account.methodID, credential)
  throw new QwenAuthError("authentication_required", "An API key has taken the place of this sign-in.")
}

async function refreshedList(
  { platform, services }: ProcessServices,
  credential: HostCredential | undefined,
  ending: AbortSignal,
  changed: (plan: ModelPlan) => void,
): Promise<void> {
  try {
    if (await refreshModelList(services(), credential, ending)) changed(await connectedModels(services(), credential))
  } catch (error) {
    if (!ending.aborted) platform.log.debug("The list of models could not be requested.", { error })
  }
}
