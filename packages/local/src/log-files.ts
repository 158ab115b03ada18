/** Writes our log files. Loaded only when the user switched one on. */
export { debugFile, loggedFetch, requestLogFiles } from "qwen-auth-core/internal"
