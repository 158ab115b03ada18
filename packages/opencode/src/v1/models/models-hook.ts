import type { ProviderHook } from "@opencode-ai/plugin"
import type { Logger } from "qwen-auth-core"
import type { ModelEntries } from "../../shared/model-entry.ts"
import { accountModels, ownModels, signedOutModels } from "../../shared/provider-models.ts"
import { PROVIDER_ID } from "../../shared/sign-in-texts.ts"
import { parseHostRecord } from "../host/host-record.ts"
import type { KeyModelLists } from "./key-model-lists.ts"

/** Options of {@link modelsHook}. */
export interface ModelsHookOptions {
  readonly log: Logger
  /** True if a key of this plugin is in the environment. */
  readonly hasEnvironmentKey: boolean
  /** True if OpenCode's own key for this provider is in the environment. */
  readonly hasHostKey: boolean
  /** Loads the code for the models of a key. */
  readonly keyModelLists: () => Promise<KeyModelLists>
}

/**
 * Lists the models that the current sign-in can use. Never throws, because OpenCode would not start, and never waits
 * for the network, because OpenCode's start would wait too.
 */
export function modelsHook(options: ModelsHookOptions): ProviderHook {
  return {
    id: PROVIDER_ID,
    async models(provider, { auth }) {
      const own: ModelEntries = { ...provider.models }
      try {
        return await modelsFor(options, auth, own)
      } catch (error) {
        options.log.error("The model list could not be built.", { error })
        return signedOutModels(own)
      }
    },
  }
}

async function modelsFor(options: ModelsHookOptions, auth: unknown, own: ModelEntries): Promise<ModelEntries> {
  const record = parseHostRecord(auth)
  switch (record.kind) {
    case "account":
      return accountModels(own)
    case "key":
      return (await options.keyModelLists()).ofKey(record.key, own)
    case "other":
      return ownModels(own)
    case "none":
      if (options.hasEnvironmentKey) return (await options.keyModelLists()).ofEnvironment(own)
      return options.hasHostKey ? ownModels(own) : signedOutModels(own)
  }
}
