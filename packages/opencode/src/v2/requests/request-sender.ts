import { type Platform, QwenAuthError } from "qwen-auth-core"
import {
  isAllowedApiUrl,
  isApiKey,
  NoAnswerError,
  normalizeApiKey,
  parseApiEndpoint,
  withTimeout,
} from "qwen-auth-core/internal"
import { environmentKey } from "qwen-auth-local/environment-key"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { MODEL_API_URL } from "../../shared/model-entry.ts"
import { PROVIDER_ID } from "../../shared/sign-in-texts.ts"
import { type HostCredential, parseHostCredential } from "../host-credential.ts"
import type { ConnectionInfo, IntegrationDomain } from "../host-types.ts"
import type { Sender, Services } from "../services.ts"

/** How long OpenCode may take to name its credential, ms. It has refreshed it before, if that was needed. */
const HOST_TIMEOUT_MS = 15_000

/** How a request of the provider is sent. */
export interface RequestSender extends Sender {
  /** Fields of the body that come from the credential's metadata and must not be sent. */
  readonly bodyFields: readonly string[]
}

/**
 * Returns how to send a request that OpenCode is about to send. The credential that is in use now counts, because the
 * user may have signed out or switched since OpenCode made the request.
 * @returns undefined for a request that follows the person's own configuration, which is left alone
 * @throws QwenAuthError `authentication_required` without a credential, and the problem of a credential that cannot be used
 */
export async function requestSender(
  services: Services,
  connections: IntegrationDomain["connection"],
  request: Request,
): Promise<RequestSender | undefined> {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? ""
  const credential = await activeCredential(services.platform, connections, () => bearer)
  if (credential === undefined) {
    if (bearer !== "" && (connections === undefined || isOwnConfiguration(bearer, request))) return undefined
    throw new QwenAuthError("authentication_required", "Nobody is signed in.", { remedy: "Sign in first." })
  }
  const placed = placedCredential(credential, request)
  if (placed === undefined) return undefined
  return {
    ...(await services.sender(placed, request.headers.get("user-agent"))),
    bodyFields: placed.kind === "key" ? placed.bodyFields : [],
  }
}

/**
 * Returns the credential that OpenCode uses now, undefined if it has none.
 * @param keyIn returns the key in an environment variable, for a version of OpenCode that does not
 */
export async function activeCredential(
  platform: Pick<Platform, "setTimeout" | "log">,
  connections: IntegrationDomain["connection"],
  keyIn: (variable: string) => string | undefined,
): Promise<HostCredential | undefined> {
  if (connections === undefined) return undefined
  const connection = await bounded(platform, () => connections.active(PROVIDER_ID))
  if (connection === undefined) return undefined
  const resolved = await bounded(platform, () => connections.resolve(connection))
  const credential = parseHostCredential(resolved) ?? variableKey(connection, keyIn)
  if (credential !== undefined) return withHint(credential, connection, platform)
  throw new QwenAuthError("credential_unusable", "OpenCode's stored sign-in cannot be used.", {
    remedy: "Sign in again.",
  })
}

/** OpenCode may not give a key of the environment as a credential. */
function variableKey(
  connection: ConnectionInfo,
  keyIn: (variable: string) => string | undefined,
): HostCredential | undefined {
  const apiKey = connection.type === "env" ? normalizeApiKey(keyIn(connection.name) ?? "") : ""
  return apiKey === "" ? undefined : { kind: "key", key: { apiKey }, placed: false, bodyFields: [] }
}

/** Adds the plan that the name of an environment variable says. */
function withHint(
  credential: HostCredential,
  connection: ConnectionInfo,
  { log }: Pick<Platform, "log">,
): HostCredential {
  if (connection.type !== "env" || credential.kind !== "key") return credential
  // OpenCode's own variable is none of these, and says nothing: people put keys of all plans there.
  const plan = environmentKey({ [connection.name]: credential.key.apiKey }, log)?.plan
  const found = { ...credential, variable: connection.name }
  return plan === undefined ? found : { ...found, placed: true, key: { ...credential.key, hint: { plan } } }
}

/** A key in the person's configuration, or a gateway of theirs. An account's token is one that was removed just now. */
function isOwnConfiguration(bearer: string, request: Request): boolean {
  return isApiKey(bearer) || !isAllowedApiUrl(new URL(request.url))
}

/**
 * Places a key of which only OpenCode knows where it belongs: at the address in the person's configuration if that is
 * one of Model Studio's, else its endpoint is detected.
 * @returns undefined if the person's configuration sends it to another host, a gateway for example
 */
function placedCredential(credential: HostCredential, request: Request): HostCredential | undefined {
  if (credential.kind === "account" || credential.placed) return credential
  const url = new URL(request.url)
  if (!isAllowedApiUrl(url)) return undefined
  const { apiKey } = credential.key
  const key: StoredKey =
    url.origin === new URL(MODEL_API_URL).origin ? { apiKey } : { apiKey, endpoint: parseApiEndpoint(url.origin) }
  return { ...credential, key }
}

async function bounded<T>(platform: Pick<Platform, "setTimeout">, task: () => Promise<T>): Promise<T> {
  try {
    return await withTimeout(platform, HOST_TIMEOUT_MS, task)
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error
    throw new QwenAuthError("service_unreachable", "OpenCode did not return its stored sign-in in time.")
  }
}
