/** The code that writes log files. It is loaded only if the user enabled one. */
export { debugFile, loggedFetch, requestLogFiles } from "qwen-auth-core/internal"
