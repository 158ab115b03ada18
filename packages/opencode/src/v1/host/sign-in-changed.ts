import { QwenAuthError } from "qwen-auth-core"
import type { HostRecord } from "./host-record.ts"

/**
 * Returns the error for a request whose sign-in method is no longer the one with which OpenCode loaded the provider.
 */
export function signInChangedError(record: HostRecord): QwenAuthError {
  return record.kind === "none"
    ? new QwenAuthError("authentication_required", "Nobody is signed in.", { remedy: "Sign in first." })
    : new QwenAuthError("sign_in_changed", "The sign-in was changed to another method while OpenCode was running.", {
        remedy: "Restart OpenCode to use it.",
      })
}
