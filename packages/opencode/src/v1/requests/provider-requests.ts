import { DEFAULT_API_BASE_URL, type Fetch } from "qwen-auth-core"
import type { PreparedBodies } from "qwen-auth-core/internal"
import type { HostRecord } from "../host/host-record.ts"
import type { Services } from "../services.ts"
import type { SdkOptions } from "./loader.ts"

/** Sends the provider's requests with the kind of sign-in with which OpenCode loaded it. */
export interface ProviderRequests {
  /** Returns the SDK options for a record of this kind. */
  optionsFor(kind: HostRecord["kind"]): SdkOptions
  /** For a key in the environment, which OpenCode does not load. A sign-in takes precedence. */
  readonly environmentFetch: Fetch
  /** Returns whether requests through this fetch are sent with a credential of this plugin. */
  sends(fetch: unknown): boolean
}

/**
 * @param services loads the services at the first request
 * @param prepare applies the rules to a body before it is text
 */
export function providerRequests(
  services: () => Promise<Pick<Services, "fetches">>,
  prepare: PreparedBodies["prepare"],
): ProviderRequests {
  const fetchOf =
    (kind: keyof Services["fetches"]): Fetch =>
    async (input, init) =>
      (await services()).fetches[kind](input, init)
  const fetches: Record<HostRecord["kind"], Fetch> = {
    account: fetchOf("account"),
    key: fetchOf("key"),
    none: fetchOf("environment"),
    // The SDK's own request with OpenCode's own key.
    other: (input, init) => globalThis.fetch(input, init),
  }
  let loaded: HostRecord["kind"] = "none"
  const environmentFetch: Fetch = (input, init) => fetches[loaded](input, init)
  return {
    optionsFor(kind) {
      loaded = kind
      if (kind !== "account" && kind !== "key") return {}
      // The fetch ignores the SDK's key and base URL.
      return { apiKey: "", baseURL: DEFAULT_API_BASE_URL, fetch: fetches[kind], transformRequestBody: prepare }
    },
    environmentFetch,
    sends: (fetch) =>
      fetch === environmentFetch ? loaded !== "other" : loaded !== "none" && fetch === fetches[loaded],
  }
}
