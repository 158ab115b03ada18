import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { QwenAuthError } from "qwen-auth-core"
import { memoized } from "qwen-auth-local/memoized"
import { userMessage } from "../messages.ts"
import type { SignInResult } from "./method.ts"

/** A sign-in that has begun. */
interface Begun {
  /** Absent if no browser is needed. */
  readonly url?: string
  readonly instructions: string
  /** Waits for the user and returns what OpenCode stores. */
  finish(): Promise<SignInResult>
}

/**
 * Begins a sign-in, in the form that OpenCode uses: it shows the URL and the instructions, then calls back.
 * @param notifyFailure receives the message of an error, unless the sign-in was cancelled
 * @throws Error whose message is complete, because OpenCode prints only the message
 */
export async function beginSignIn(
  notifyFailure: (message: string) => void,
  begin: () => Promise<Begun>,
): Promise<AuthOAuthResult> {
  const { url = "", instructions, finish } = await withUserMessage(begin, notifyFailure)
  return {
    url,
    instructions,
    method: "auto",
    // OpenCode may call back twice for one sign-in.
    callback: memoized(() => withUserMessage(finish, notifyFailure)),
  }
}

async function withUserMessage<T>(task: () => Promise<T>, notifyFailure: (message: string) => void): Promise<T> {
  try {
    return await task()
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) throw error
    const message = userMessage(error)
    if (error.code !== "aborted") notifyFailure(message)
    throw new Error(message, { cause: error })
  }
}
