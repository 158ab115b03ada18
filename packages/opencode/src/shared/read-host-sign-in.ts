import { type Platform, QwenAuthError } from "qwen-auth-core"
import { NoAnswerError, withTimeout } from "qwen-auth-core/internal"

/**
 * Waits at most `ms` milliseconds for OpenCode's stored sign-in.
 * @throws QwenAuthError `service_unreachable` when OpenCode does not respond in time; what `read` throws
 */
export async function readHostSignIn<T>(
  platform: Pick<Platform, "setTimeout">,
  ms: number,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await withTimeout(platform, ms, read)
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error
    throw new QwenAuthError("service_unreachable", "OpenCode did not return its stored sign-in in time.")
  }
}
