import { type ApiKeyCredential, nodePlatform, type Region } from "qwen-auth-core"
import { createQwenFetch } from "qwen-auth-core/internal"
import type { Simulator, SimulatorPlan } from "./simulator-process.ts"

/** The library's names of the plans, by the simulator's. */
export const PLAN_IDS = { coding: "coding-plan", token: "token-plan", payg: "pay-as-you-go" } as const

/** The URL at which the simulator plays the host of `url`. */
export function urlInSimulator({ origin }: Pick<Simulator, "origin">, url: string): string {
  return url.replace("https://", `${origin}/_hosts/`)
}

/** Creates a key, as the library stores it. */
export async function newKey(
  simulator: Simulator,
  plan: SimulatorPlan,
  region: Region = "international",
): Promise<ApiKeyCredential> {
  const { key, base_url: baseUrl } = await simulator.apiKey(plan, { region })
  return { type: "api_key", apiKey: key, plan: PLAN_IDS[plan], region, baseUrl }
}

/** The library's fetch with a key, whose hosts the simulator plays. */
export function fetchWithKey(
  simulator: Simulator,
  credential: ApiKeyCredential,
  options: Pick<Parameters<typeof createQwenFetch>[0], "promptCache"> = {},
) {
  const getCredential = async () => credential
  return createQwenFetch({
    platform: nodePlatform({ fetch: (url, init) => fetch(urlInSimulator(simulator, url), init) }),
    credentials: { getCredential, refresh: getCredential, syncClock: () => {} },
    userAgent: "e2e/1.0.0",
    ...options,
  })
}
