import { QwenAuthError } from "../errors.ts"

/** So many unusable answers in a row are a loop: hosts do not tell the person, and each one is paid. */
const LIMIT = 3
/** Conversations that are remembered at once. */
const MOST_CONVERSATIONS = 100

/**
 * Counts the unusable answers in a row of each conversation. OpenCode 1.18 sends the next request at once after such an answer,
 * without a limit and without a word to the person.
 */
export class UnusableAnswers {
  readonly #counts = new Map<string, number>()

  /**
   * Ends a loop. The next request is let through again, because a person asked for it.
   * @throws QwenAuthError `unexpected_response` when the last three answers of the conversation were unusable
   */
  endLoop(conversation: string): void {
    if ((this.#counts.get(conversation) ?? 0) < LIMIT) return
    this.#counts.set(conversation, LIMIT - 1)
    throw new QwenAuthError(
      "unexpected_response",
      "The last three answers of Qwen's API were empty or ended without a result, so this request was not sent.",
      { remedy: "Try again. If this happens again, choose another model or start a new conversation." },
    )
  }

  /** Takes note of how an answer ended. */
  note(conversation: string, usable: boolean): void {
    const count = this.#counts.get(conversation) ?? 0
    this.#counts.delete(conversation)
    if (usable) return
    this.#counts.set(conversation, Math.min(count + 1, LIMIT))
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > MOST_CONVERSATIONS && oldest !== undefined) this.#counts.delete(oldest)
  }
}
