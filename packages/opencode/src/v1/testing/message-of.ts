/** Returns the message of the error that `work` rejects with, as OpenCode prints it. */
export async function messageOf(work: Promise<unknown>): Promise<string> {
  const outcome = await work.then(
    (value) => `no error: ${JSON.stringify(value)}`,
    (reason: unknown) => reason,
  )
  return outcome instanceof Error ? outcome.message : String(outcome)
}
