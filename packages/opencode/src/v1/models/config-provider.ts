import type { Config } from "@opencode-ai/plugin"
import type { Fetch } from "qwen-auth-core"
import { CODER_MODEL, VISION_MODEL } from "qwen-auth-core/internal"
import { PROVIDER_ID } from "../messages.ts"

/**
 * Makes the provider known to OpenCode in every state, with the two models that people name in their configuration: an unknown
 * model would be an error that explains nothing. The facts come from the `provider.models` hook; what the user's own
 * configuration says stays.
 * @param fetch for requests with a key from the environment, which OpenCode does not load as a sign-in
 */
export function connectProvider(config: Config, fetch: Fetch | undefined): void {
  const users = config.provider?.[PROVIDER_ID] ?? {}
  // A variable that is not set makes an empty one.
  const ownKey = Boolean(users.options?.apiKey)
  const options = fetch === undefined || ownKey ? users.options : { fetch, ...users.options }
  config.provider = {
    ...config.provider,
    [PROVIDER_ID]: {
      ...users,
      ...(options === undefined ? {} : { options }),
      models: { [CODER_MODEL.id]: {}, [VISION_MODEL.id]: {}, ...users.models },
    },
  }
}
