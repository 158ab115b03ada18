import type { ApiEndpoint } from "qwen-auth-core"

/** An API key as it is stored, perhaps without knowing yet where it belongs. */
export interface StoredKey {
  readonly apiKey: string
  /** Where it works; absent when that is still to be found out. */
  readonly endpoint?: ApiEndpoint
  /** What is known of that otherwise. */
  readonly hint?: {
    readonly plan?: ApiEndpoint["plan"] | undefined
    readonly region?: ApiEndpoint["region"] | undefined
  }
}
