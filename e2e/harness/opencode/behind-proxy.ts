import type { Simulator } from "../shared/simulator-process.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { signedIn } from "./with-opencode.ts"

/** Signs in with a token for `portal.qwen.ai`, as Qwen's are. */
export async function signedInAtPortal(simulator: Simulator, home: ThrowawayHome): Promise<void> {
  await simulator.control("scenario", { token: { resourceUrl: "portal.qwen.ai" } })
  await signedIn(simulator, home)
}
