import type { Platform, QwenAuthError } from "qwen-auth-core"
import { createQwenFetch } from "qwen-auth-core/internal"
import { signedOutModels } from "../shared/provider-models.ts"
import { USER_AGENT } from "../shared/user-agent.ts"
import { userMessage } from "./messages.ts"
import type { Plugin, PluginOptions } from "./plugin.ts"
import { parseChatRequest } from "./requests/chat-request.ts"
import { requireCredential } from "./requests/require-credential.ts"

/**
 * Returns the plugin for invalid settings. OpenCode still works. The log, each sign-in and the response to each request
 * name the problem. No token is read or sent.
 */
export function pluginWithProblem(
  platform: Platform,
  problem: QwenAuthError,
  { signIn, sources }: PluginOptions,
): Plugin {
  platform.log.error("The settings cannot be used.", { problem: problem.sentence })
  const message = userMessage(problem)
  const refuse = () => Promise.reject(problem)
  const fetch = createQwenFetch({
    platform,
    credentials: { getCredential: refuse, refresh: refuse, syncClock: () => {} },
    userAgent: USER_AGENT,
    formatError: userMessage,
  })
  const refuseSignIn = () => Promise.reject(new Error(message))
  return {
    log: platform.log,
    fetches: { account: fetch, key: fetch, environment: fetch },
    prepareBody: (body) => body,
    keyModelLists: {
      ofKey: async (_, own) => signedOutModels(own),
      ofEnvironment: async (own) => signedOutModels(own),
    },
    signIns: { account: refuseSignIn, console: refuseSignIn, apiKey: refuseSignIn, existing: refuseSignIn },
    addToolNames: async () => {},
    checkRequest(input) {
      const request = signIn.readEntry === undefined ? parseChatRequest(input, sources.environment) : undefined
      if (request !== undefined) requireCredential(request, message)
    },
    preload: async () => {},
  }
}
