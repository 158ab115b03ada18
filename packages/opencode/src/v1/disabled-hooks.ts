import type { Hooks } from "@opencode-ai/plugin"
import type { Platform, QwenAuthError } from "qwen-auth-core"
import { createQwenFetch } from "qwen-auth-core/internal"
import type { SettingSources } from "qwen-auth-local/settings"
import { signedOutModels } from "../shared/provider-models.ts"
import { METHOD_LABELS } from "../shared/sign-in-texts.ts"
import { userAgent } from "../shared/user-agent.ts"
import { PROVIDER_ID, userMessage } from "./messages.ts"
import { connectProvider } from "./models/config-provider.ts"
import { parseChatRequest } from "./requests/chat-request.ts"
import { requestLoader, throughFetch } from "./requests/loader.ts"
import { requireCredential } from "./requests/require-credential.ts"

/**
 * Returns the hooks for invalid settings. OpenCode still works. The log, the sign-in and the response to each request
 * name the problem. No token is read or sent.
 */
export function disabledHooks(
  platform: Platform,
  problem: QwenAuthError,
  environment: SettingSources["environment"],
): Hooks {
  platform.log.error("The settings cannot be used.", { problem: problem.sentence })
  const refuse = () => Promise.reject(problem)
  const qwenFetch = createQwenFetch({
    platform,
    credentials: { getCredential: refuse, refresh: refuse, syncClock: () => {} },
    userAgent: userAgent(process.platform, process.arch),
    formatError: userMessage,
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
          label: METHOD_LABELS.account,
          authorize: () => Promise.reject(new Error(userMessage(problem))),
        },
      ],
      loader: (entry) => {
        loaded = true
        return requestLoader(entry, platform.log, (kind) => (kind === "other" ? {} : throughFetch(qwenFetch)))
      },
    },
    "chat.params": async (input) => {
      const request = loaded ? undefined : parseChatRequest(input, environment)
      if (request !== undefined) requireCredential(request, userMessage(problem))
    },
  }
}
