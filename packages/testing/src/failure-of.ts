import { QwenAuthError } from "qwen-auth-core"

/** The QwenAuthError that `work` rejects with. Any other outcome fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<QwenAuthError> {
  const outcome = await work.then(
    () => "no error",
    (error: unknown) => error,
  )
  if (QwenAuthError.isInstance(outcome)) return outcome
  throw new Error("expected a QwenAuthError", { cause: outcome })
}

/** The QwenAuthError that `work` throws. Any other outcome fails the test. */
export function thrownBy(work: () => unknown): Promise<QwenAuthError> {
  return failureOf(Promise.resolve().then(work))
}
