import { QwenAuthError } from "qwen-auth-core"
import { userMessage } from "../messages.ts"

/**
 * OpenCode prints the message of what is thrown and nothing else, so the message has to say it all.
 * @param tell told of it too, unless somebody gave up on purpose
 */
export async function withUserMessage<T>(work: Promise<T>, tell: (message: string) => void): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) throw error
    const message = userMessage(error)
    if (error.code !== "aborted") tell(message)
    throw new Error(message, { cause: error })
  }
}
