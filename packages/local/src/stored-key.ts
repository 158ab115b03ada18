import type { ApiEndpoint } from "qwen-auth-core"

/** A stored API key, with or without its endpoint. */
export interface StoredKey {
  readonly apiKey: string
  /** The key's endpoint; absent until it is detected. */
  readonly endpoint?: ApiEndpoint
  /** What limits the search for the endpoint. */
  readonly hint?:
    | { readonly plan?: ApiEndpoint["plan"] | undefined; readonly region?: ApiEndpoint["region"] | undefined }
    | undefined
}
