/**
 * What OpenCode's start does not need: requests, prompts, sign-ins and log files. It is a file of its own in what is shipped, read when the
 * first of them comes, so that the start stays short.
 */
export { debugFile, loggedFetch, requestLogFiles } from "qwen-auth-core"
export { promptBridge } from "./bridge/bridge.ts"
export { qwenMode } from "./bridge/qwen-mode.ts"
export { signInWithApiKey } from "./sign-in/api-key-sign-in.ts"
export { signInThroughConsole } from "./sign-in/console-sign-in.ts"
export { startFromFound } from "./sign-in/found-sign-in.ts"
export { signInWithQwenAccount } from "./sign-in/qwen-account-sign-in.ts"
export { createWorkshop } from "./workshop.ts"
