import type { ApiEndpoint, OAuthCredential } from "qwen-auth-core"
import { normalizeApiKey, PLANS, parseApiEndpoint, resourceBaseUrl } from "qwen-auth-core/internal"
import type { StoredKey } from "qwen-auth-local/stored-key"
import * as v from "valibot"
import { parseKeyMetadata } from "../shared/key-metadata.ts"
import { KEY_ENDPOINT } from "../shared/sign-in-texts.ts"
import { isVisibleAscii } from "../shared/visible-ascii.ts"
import type { HostOAuth } from "./host-types.ts"
import { METHOD_IDS } from "./sign-in/choices.ts"

/** The expiry of a key, epoch ms. A key does not expire, so OpenCode must never refresh it. */
const NEVER = Date.UTC(9999, 11, 31)

const Metadata = v.fallback(v.record(v.string(), v.unknown()), {})

const Account = v.object({
  type: v.literal("oauth"),
  methodID: v.string(),
  access: v.custom<string>(isVisibleAscii),
  refresh: v.string(),
  expires: v.pipe(v.number(), v.finite()),
  metadata: Metadata,
})

const Key = v.object({ type: v.literal("key"), key: v.string(), metadata: Metadata, configuration: Metadata })

/** A credential that OpenCode stores. */
export type HostCredential =
  | { readonly kind: "account"; readonly methodID: string; readonly credential: OAuthCredential }
  | {
      readonly kind: "key"
      readonly key: StoredKey
      /**
       * True if this plugin decides where the key is sent, because the key has a form, metadata of this plugin or a
       * plan in the name of its variable. Otherwise OpenCode's configuration decides.
       */
      readonly managed: boolean
      /** Fields that OpenCode merged into the request's body from the key's metadata. */
      readonly bodyFields: readonly string[]
      /** The environment variable that the key comes from. */
      readonly variable?: string
    }

/**
 * Parses a credential that OpenCode stores. Returns undefined for anything else.
 * @throws QwenAuthError `invalid_endpoint`: the answers of the key's form name an address that is not Model Studio's
 */
export function parseHostCredential(value: unknown): HostCredential | undefined {
  const account = v.safeParse(Account, value)
  if (account.success) return parseAccount(account.output)
  const key = v.safeParse(Key, value)
  return key.success ? parseKey(key.output) : undefined
}

function parseAccount(account: v.InferOutput<typeof Account>): HostCredential | undefined {
  const { methodID, access, refresh, expires, metadata } = account
  if (KEY_METHODS.has(methodID)) {
    const baseUrl = metadata["baseURL"]
    const endpoint = typeof baseUrl === "string" ? { endpoint: parseApiEndpoint(baseUrl) } : {}
    return { kind: "key", key: { apiKey: access, ...endpoint }, managed: true, bodyFields: [] }
  }
  if (!isVisibleAscii(refresh)) return undefined
  // OpenCode 1 stored the resource URL in `enterpriseUrl`.
  const resourceUrl = [metadata["baseURL"], metadata["enterpriseUrl"]].find(isVisibleAscii)
  const credential: OAuthCredential = {
    type: "oauth",
    accessToken: access,
    refreshToken: refresh,
    expiresAt: Math.max(0, Math.floor(expires)),
    resourceUrl,
  }
  return { kind: "account", methodID, credential }
}

function parseKey({ key, metadata, configuration }: v.InferOutput<typeof Key>): HostCredential {
  const apiKey = normalizeApiKey(key)
  const bodyFields = Object.hasOwn(metadata, "qwenAuth") ? Object.keys(metadata) : []
  const former = parseKeyMetadata(metadata)
  if (former !== undefined) return { kind: "key", key: { apiKey, ...former }, managed: true, bodyFields }
  const choice = configuration["endpoint"]
  if (choice === undefined) return { kind: "key", key: { apiKey }, managed: false, bodyFields }
  const endpoint = chosenEndpoint(choice, configuration["host"])
  return { kind: "key", key: { apiKey, ...(endpoint && { endpoint }) }, managed: true, bodyFields }
}

function chosenEndpoint(choice: unknown, host: unknown): ApiEndpoint | undefined {
  if (choice === KEY_ENDPOINT.workspace.value) return parseApiEndpoint(String(host ?? ""))
  return PLANS.flatMap(({ endpoints }) => endpoints).find(({ plan, region }) => `${plan}-${region}` === choice)
}

/** Returns the credential of an account as OpenCode stores it. */
export function hostAccount(methodID: string, credential: OAuthCredential): HostOAuth {
  const { accessToken, refreshToken, expiresAt, resourceUrl } = credential
  const baseURL = resourceUrl === undefined ? undefined : resourceBaseUrl(resourceUrl)
  return {
    type: "oauth",
    methodID,
    access: accessToken,
    refresh: refreshToken,
    expires: Math.max(0, Math.floor(expiresAt)),
    // No other name, because OpenCode turns metadata into settings. Without this plugin, requests go to this address.
    ...(baseURL === undefined ? {} : { metadata: { baseURL } }),
  }
}

/** The methods that yield a key. */
const KEY_METHODS: ReadonlySet<string> = new Set([METHOD_IDS.console, METHOD_IDS["found-key"]])

/** Returns a key in the form of an account without a refresh token, because only an account can store an address. */
export function hostKey(methodID: string, apiKey: string, baseUrl: string): HostOAuth {
  return { type: "oauth", methodID, access: apiKey, refresh: "", expires: NEVER, metadata: { baseURL: baseUrl } }
}
