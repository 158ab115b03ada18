import { QwenAuthError } from "qwen-auth-core"
import { words } from "../words.ts"

/** OpenCode prints the message of what is thrown and nothing else, so the message has to say it all. */
export async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw QwenAuthError.isInstance(error) ? new Error(words(error), { cause: error }) : error
  }
}
