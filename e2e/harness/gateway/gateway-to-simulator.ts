import { type Credential, nodePlatform } from "qwen-auth-core"
import { createQwenFetch } from "qwen-auth-core/internal"
import { type Gateway, type GatewayOptions, startGateway } from "../../../packages/cli/src/gateway/start-gateway.ts"
import type { Simulator } from "../shared/simulator-process.ts"

/** The key that clients of the gateway send. */
export const LOCAL_KEY = "local-key-of-the-test-0123456789abcdef"

/** A gateway of this process with a key of a plan, whose hosts the simulator plays. */
export async function gatewayToSimulator(
  simulator: Simulator,
  plan: "coding" | "token" | "payg",
  options: Partial<GatewayOptions> = {},
): Promise<Gateway> {
  const { key, base_url: baseUrl } = await simulator.apiKey(plan)
  const credential: Credential = {
    type: "api_key",
    apiKey: key,
    plan: ({ coding: "coding-plan", token: "token-plan", payg: "pay-as-you-go" } as const)[plan],
    region: "international",
    baseUrl,
  }
  const platform = nodePlatform({
    fetch: (url, init) => fetch(url.replace("https://", `${simulator.origin}/_hosts/`), init),
  })
  const held = async () => credential
  const qwenFetch = createQwenFetch({
    platform,
    userAgent: "qwen-auth/0 (e2e; x)",
    credentials: { getCredential: held, refresh: held, syncClock: () => {} },
  })
  return startGateway({
    fetch: qwenFetch,
    credential: held,
    localKey: LOCAL_KEY,
    port: 0,
    now: () => Date.now(),
    ...options,
  })
}
