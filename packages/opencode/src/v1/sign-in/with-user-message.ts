import { QwenAuthError } from "qwen-auth-core"
import { userMessage } from "../messages.ts"

/**
 * Replaces an error by one with the complete message for the user, because OpenCode prints only the message.
 * @param notifyFailure also receives the message, unless the sign-in was cancelled
 */
export async function withUserMessage<T>(work: Promise<T>, notifyFailure: (message: string) => void): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) throw error
    const message = userMessage(error)
    if (error.code !== "aborted") notifyFailure(message)
    throw new Error(message, { cause: error })
  }
}
