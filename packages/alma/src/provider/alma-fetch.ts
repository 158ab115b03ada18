import type { Fetch, Platform } from "qwen-auth-core"
import { createQwenFetch } from "qwen-auth-core/internal"
import { userMessage } from "../messages.ts"
import type { Settings } from "../settings.ts"
import type { SignIn } from "../storage/sign-in.ts"
import { USER_AGENT } from "../user-agent.ts"
import { chatBody } from "./chat-body.ts"

/** The fetch for Alma's AI SDK. Each request uses the current credential and its endpoint. */
export function almaFetch(platform: Platform, signIn: SignIn, settings: Settings): Fetch {
  const qwenFetch = createQwenFetch({
    platform,
    credentials: signIn,
    userAgent: USER_AGENT,
    promptCache: async () => settings.promptCache(),
    formatError: userMessage,
    outcome: (credential, error) => signIn.outcome(credential, error),
  })
  return (input, init) => {
    const isChat = !(input instanceof Request) && String(input).includes("/chat/completions")
    const body = init?.body
    if (!isChat || typeof body !== "string") return qwenFetch(input, init)
    return qwenFetch(input, { ...init, body: chatBody(body, settings.toolNames()) })
  }
}
