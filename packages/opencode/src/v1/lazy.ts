/**
 * Code that is not needed at OpenCode's start: requests, prompts and sign-ins. It is built as a separate chunk and
 * loaded on first use, to keep the start short.
 */
export { loadCatalogue } from "qwen-auth-core/internal"
export { qwenMode } from "qwen-auth-local/qwen-mode"
export { createServices } from "./services.ts"
export { signInWithApiKey, signInWithFoundKey } from "./sign-in/api-key-sign-in.ts"
export { signInThroughConsole } from "./sign-in/console-sign-in.ts"
export { useExistingSignIn } from "./sign-in/existing-sign-in.ts"
export { signInWithQwenAccount } from "./sign-in/qwen-account-sign-in.ts"
export { toolNameHook } from "./tool-names/tool-name-hook.ts"
