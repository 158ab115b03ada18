import type { ProcessResult } from "../shared/run-process.ts"
import { browserUser } from "./opencode.ts"
import { type Keys, openCodeInTerminal } from "./terminal.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** Runs `opencode auth login` in a terminal. `decide` plays the user in the browser and is called when the user code appears. */
export async function signInOnScreen(
  home: ThrowawayHome,
  args: readonly string[],
  keys: readonly Keys[],
  decide: (userCode: string) => Promise<void>,
): Promise<ProcessResult> {
  const user = browserUser(decide)
  const result = await openCodeInTerminal(home, ["auth", "login", ...args], keys, user.watch)
  await user.decided()
  return result
}
