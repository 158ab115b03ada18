import { QwenAuthError } from "../errors.ts"

/** Unusable responses in a row that count as a loop. Hosts do not report them to the user, and each one costs money. */
const LIMIT = 3
/** Maximum number of conversations to remember. */
const MAX_CONVERSATIONS = 100

/**
 * Counts consecutive unusable responses per conversation. After such a response, OpenCode 1.18 immediately sends the
 * next request, without a limit and without informing the user.
 */
export class UnusableAnswers {
  readonly #counts = new Map<string, number>()

  /**
   * Stops the next request of a conversation in a loop. The request after that is allowed again: OpenCode shows the error
   * of this one, so only the user can have asked for it.
   * @throws QwenAuthError `unexpected_response`: the last three responses of the conversation were unusable
   */
  throwDuringLoop(conversation: string): void {
    if ((this.#counts.get(conversation) ?? 0) < LIMIT) return
    this.#counts.set(conversation, LIMIT - 1)
    throw new QwenAuthError(
      "unexpected_response",
      "The last three answers of Qwen's API were empty or ended without a result, so this request was not sent.",
      { remedy: "Try again. If this happens again, choose another model or start a new conversation." },
    )
  }

  /** Records how a response ended. */
  note(conversation: string, usable: boolean): void {
    const count = this.#counts.get(conversation) ?? 0
    this.#counts.delete(conversation)
    if (usable) return
    this.#counts.set(conversation, Math.min(count + 1, LIMIT))
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > MAX_CONVERSATIONS && oldest !== undefined) this.#counts.delete(oldest)
  }
}
