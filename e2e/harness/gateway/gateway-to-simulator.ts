import { type Gateway, type GatewayOptions, startGateway } from "../../../packages/cli/src/gateway/start-gateway.ts"
import { fetchWithKey, newKey } from "../shared/key-client.ts"
import type { Simulator, SimulatorPlan } from "../shared/simulator-process.ts"

/** The key that clients of the gateway send. */
export const LOCAL_KEY = "local-key-of-the-test-0123456789abcdef"

/** Starts a gateway in this process with a new key of a plan, whose hosts the simulator plays. */
export async function gatewayToSimulator(
  simulator: Simulator,
  plan: SimulatorPlan,
  options: Partial<GatewayOptions> = {},
): Promise<Gateway> {
  const credential = await newKey(simulator, plan)
  return startGateway({
    fetch: fetchWithKey(simulator, credential),
    credential: async () => credential,
    localKey: LOCAL_KEY,
    port: 0,
    now: () => Date.now(),
    ...options,
  })
}
