import { QwenAuthError } from "qwen-auth-core"

/** The QwenAuthError that `work` ends with. Anything else fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<QwenAuthError> {
  const outcome = await work.then(
    () => "nothing",
    (error: unknown) => error,
  )
  if (QwenAuthError.isInstance(outcome)) return outcome
  throw new Error("expected a QwenAuthError", { cause: outcome })
}

/** The QwenAuthError that `work` throws. Anything else fails the test. */
export function thrownBy(work: () => unknown): Promise<QwenAuthError> {
  return failureOf(Promise.resolve().then(work))
}
