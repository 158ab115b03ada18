import type { AuthHook, AuthOAuthResult } from "@opencode-ai/plugin"

/** OpenCode's form of a sign-in method that the plugin conducts. Keys come this way too: its own form of them cannot check one. */
export type SignInMethod = Extract<AuthHook["methods"][number], { type: "oauth" }>

type Callback = Extract<AuthOAuthResult, { method: "auto" }>["callback"]
/** What a sign-in ends with, as OpenCode stores it. */
export type SignInResult = Awaited<ReturnType<Callback>>
