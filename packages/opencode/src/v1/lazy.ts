/**
 * What OpenCode's start does not need: requests, prompts, sign-ins and log files. It is a file of its own in what is shipped, read when the
 * first of them comes, so that the start stays short.
 */
export { qwenMode } from "qwen-auth-local/qwen-mode"
export { createServices } from "./services.ts"
export { signInWithApiKey } from "./sign-in/api-key-sign-in.ts"
export { signInThroughConsole } from "./sign-in/console-sign-in.ts"
export { useExistingSignIn } from "./sign-in/existing-sign-in.ts"
export { signInWithQwenAccount } from "./sign-in/qwen-account-sign-in.ts"
export { toolNameHook } from "./tool-names/tool-name-hook.ts"
