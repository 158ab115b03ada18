import type { Hooks } from "@opencode-ai/plugin"
import { createQwenFetch, type QwenAuthError, type World } from "qwen-auth-core"
import { connectProvider } from "./models/config-provider.ts"
import { signedOutModels } from "./models/provider-models.ts"
import { askedProvider } from "./requests/asked-provider.ts"
import { requestLoader, throughFetch } from "./requests/loader.ts"
import { requireCredential } from "./requests/require-credential.ts"
import type { SettingSources } from "./settings/settings.ts"
import { userAgent } from "./user-agent.ts"
import { PROVIDER_ID, words } from "./words.ts"

/**
 * The plugin when its settings are wrong: OpenCode works, and the reason is in its log, at the sign-in and in the answer to
 * each request. No token is read or sent.
 */
export function unusableHooks(world: World, problem: QwenAuthError, environment: SettingSources["environment"]): Hooks {
  world.log.error("The settings cannot be used.", { problem: problem.sentence })
  const refuse = () => Promise.reject(problem)
  const qwenFetch = createQwenFetch({
    world,
    credentials: { current: refuse, renew: refuse, observe: () => {} },
    userAgent: userAgent(process.platform, process.arch),
    words,
  })
  let loaded = false
  return {
    config: async (config) => connectProvider(config, undefined),
    provider: { id: PROVIDER_ID, models: async (provider) => signedOutModels({ ...provider.models }) },
    auth: {
      provider: PROVIDER_ID,
      methods: [
        {
          type: "oauth",
          label: "Qwen Account (OAuth)",
          authorize: () => Promise.reject(new Error(words(problem))),
        },
      ],
      loader: (entry) => {
        loaded = true
        return requestLoader(entry, world.log, (kind) => (kind === "other" ? {} : throughFetch(qwenFetch)))
      },
    },
    "chat.params": async (input) => {
      const asked = loaded ? undefined : askedProvider(input, environment)
      if (asked !== undefined) requireCredential(asked, words(problem))
    },
  }
}
