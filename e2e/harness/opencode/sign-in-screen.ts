import type { ProcessResult } from "../shared/run-process.ts"
import { userCodeOn } from "./opencode.ts"
import { type Keys, runInTerminal } from "./terminal.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { opencodeBinary } from "./with-opencode.ts"

/** Runs `opencode auth login` in a terminal. `decide` plays the user in the browser and is called when the user code appears. */
export async function signInOnScreen(
  home: ThrowawayHome,
  args: readonly string[],
  keys: readonly Keys[],
  decide: (userCode: string) => Promise<void>,
): Promise<ProcessResult> {
  let decided: Promise<void> | undefined
  const command = ["auth", "login", ...args].map((arg) => `'${arg}'`).join(" ")
  const result = await runInTerminal(`'${opencodeBinary}' ${command}`, home, keys, (screen) => {
    const userCode = userCodeOn(screen)
    if (userCode !== undefined) decided ??= decide(userCode)
  })
  await decided
  return result
}
