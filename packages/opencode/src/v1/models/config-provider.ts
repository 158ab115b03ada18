import type { Config } from "@opencode-ai/plugin"
import type { Fetch } from "qwen-auth-core"
import { CODER_MODEL, VISION_MODEL } from "qwen-auth-core/internal"
import { PROVIDER_ID } from "../../shared/sign-in-texts.ts"

/**
 * Adds the provider and its two aliases to OpenCode's configuration, also while the user is signed out: for an unknown
 * model OpenCode shows an error without an explanation. The `provider.models` hook adds the facts. The user's own
 * configuration takes precedence.
 * @param fetch for requests with a key from the environment, which OpenCode does not load as a sign-in
 */
export function connectProvider(config: Config, fetch: Fetch | undefined): void {
  const configured = config.provider?.[PROVIDER_ID] ?? {}
  // If the configuration refers to a variable that is not set, the key is empty.
  const configuredKey = Boolean(configured.options?.apiKey)
  const options = fetch === undefined || configuredKey ? configured.options : { fetch, ...configured.options }
  config.provider = {
    ...config.provider,
    [PROVIDER_ID]: {
      ...configured,
      ...(options === undefined ? {} : { options }),
      models: { [CODER_MODEL.id]: {}, [VISION_MODEL.id]: {}, ...configured.models },
    },
  }
}
