import { type Platform, QwenAuthError } from "qwen-auth-core"
import { isAllowedApiUrl, isApiKey, normalizeApiKey, parseApiEndpoint } from "qwen-auth-core/internal"
import { environmentKey } from "qwen-auth-local/environment-key"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { MODEL_API_URL } from "../../shared/model-entry.ts"
import { readHostSignIn } from "../../shared/read-host-sign-in.ts"
import { PROVIDER_ID } from "../../shared/sign-in-texts.ts"
import { type HostCredential, parseHostCredential } from "../host-credential.ts"
import type { ConnectionInfo, IntegrationDomain } from "../host-types.ts"
import type { Sender, Services } from "../services.ts"

/** How long OpenCode may take to return its credential, ms. It may have to refresh the credential first. */
const HOST_TIMEOUT_MS = 15_000

/** How a request of the provider is sent. */
export interface RequestSender extends Sender {
  /** Fields of the body that come from the credential's metadata and must not be sent. */
  readonly bodyFields: readonly string[]
}

/**
 * Returns how to send a request that OpenCode is about to send. The current credential is used, because the user may
 * have signed out or switched since OpenCode created the request.
 * @returns undefined for a request that follows the user's own configuration, which is not changed
 * @throws QwenAuthError `authentication_required` without a credential; the problem of an unusable credential
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
  const located = withEndpoint(credential, request)
  if (located === undefined) return undefined
  return {
    ...(await services.sender(located, request.headers.get("user-agent"))),
    bodyFields: located.kind === "key" ? located.bodyFields : [],
  }
}

/**
 * Returns OpenCode's current credential; undefined if it has none.
 * @param keyIn returns the key in an environment variable, for a version of OpenCode that does not
 */
export async function activeCredential(
  platform: Pick<Platform, "setTimeout" | "log">,
  connections: IntegrationDomain["connection"],
  keyIn: (variable: string) => string | undefined,
): Promise<HostCredential | undefined> {
  if (connections === undefined) return undefined
  const connection = await readHostSignIn(platform, HOST_TIMEOUT_MS, () => connections.active(PROVIDER_ID))
  if (connection === undefined) return undefined
  const resolved = await readHostSignIn(platform, HOST_TIMEOUT_MS, () => connections.resolve(connection))
  const credential = parseHostCredential(resolved) ?? variableKey(connection, keyIn)
  if (credential !== undefined) return withHint(credential, connection, platform)
  throw new QwenAuthError("credential_unusable", "OpenCode's stored sign-in cannot be used.", {
    remedy: "Sign in again.",
  })
}

/** Some versions of OpenCode do not return a key of the environment as a credential. */
function variableKey(
  connection: ConnectionInfo,
  keyIn: (variable: string) => string | undefined,
): HostCredential | undefined {
  const apiKey = connection.type === "env" ? normalizeApiKey(keyIn(connection.name) ?? "") : ""
  return apiKey === "" ? undefined : { kind: "key", key: { apiKey }, managed: false, bodyFields: [] }
}

/** Adds the plan in the name of the environment variable. */
function withHint(
  credential: HostCredential,
  connection: ConnectionInfo,
  { log }: Pick<Platform, "log">,
): HostCredential {
  if (connection.type !== "env" || credential.kind !== "key") return credential
  // OpenCode's own variable names no plan, and users store keys of all plans in it.
  const plan = environmentKey({ [connection.name]: credential.key.apiKey }, log)?.plan
  const found = { ...credential, variable: connection.name }
  return plan === undefined ? found : { ...found, managed: true, key: { ...credential.key, hint: { plan } } }
}

/** Returns true for a key in the user's configuration or for their gateway, and false for the token of a removed account. */
function isOwnConfiguration(bearer: string, request: Request): boolean {
  return isApiKey(bearer) || !isAllowedApiUrl(new URL(request.url))
}

/**
 * Adds the endpoint to a key for which OpenCode's configuration decides: the configured address if it is one of Model
 * Studio's. Otherwise the endpoint is detected.
 * @returns undefined if the user's configuration sends the key to another host, for example to a gateway
 */
function withEndpoint(credential: HostCredential, request: Request): HostCredential | undefined {
  if (credential.kind === "account" || credential.managed) return credential
  const url = new URL(request.url)
  if (!isAllowedApiUrl(url)) return undefined
  const { apiKey } = credential.key
  const key: StoredKey =
    url.origin === new URL(MODEL_API_URL).origin ? { apiKey } : { apiKey, endpoint: parseApiEndpoint(url.origin) }
  return { ...credential, key }
}
