import type { Fetch } from "qwen-auth-core"
import type { PreparedBodies } from "qwen-auth-core/internal"
import type { HostRecord } from "../host/host-record.ts"
import type { Services } from "../services.ts"
import { type SdkOptions, throughFetch } from "./loader.ts"

/** The requests of the provider, by the kind of sign-in that OpenCode loaded it with. */
export interface ProviderRequests {
  /** What OpenCode's SDK is told for a record of this kind. */
  optionsFor(kind: HostRecord["kind"]): SdkOptions
  /** For a key in the environment, which OpenCode does not load: a sign-in goes before it. */
  readonly environmentFetch: Fetch
  /** Whether a request that has this fetch is sent with a credential of ours. */
  sends(fetch: unknown): boolean
}

/** @param services made at the first request */
export function providerRequests(services: () => Promise<Services>, bodies: PreparedBodies): ProviderRequests {
  const through =
    (kind: keyof Services["fetches"]): Fetch =>
    async (input, init) =>
      (await services()).fetches[kind](input, init)
  const fetches: Record<HostRecord["kind"], Fetch> = {
    account: through("account"),
    key: through("key"),
    none: through("environment"),
    // The SDK's own request, with OpenCode's own key.
    other: (input, init) => globalThis.fetch(input, init),
  }
  let loaded: HostRecord["kind"] = "none"
  const environmentFetch: Fetch = (input, init) => fetches[loaded](input, init)
  return {
    optionsFor(kind) {
      loaded = kind
      if (kind === "account") return { ...throughFetch(fetches.account), transformRequestBody: bodies.prepare }
      return kind === "key" ? throughFetch(fetches.key) : {}
    },
    environmentFetch,
    sends: (fetch) =>
      fetch === environmentFetch ? loaded !== "other" : loaded !== "none" && fetch === fetches[loaded],
  }
}
