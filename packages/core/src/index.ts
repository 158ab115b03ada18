export { PreparedBodies } from "./api/prepared-bodies.ts"
export { createQwenFetch, type Fetch, type QwenFetchOptions, type RequestCredentials } from "./api/qwen-fetch.ts"
export type { ModelFacts } from "./catalog/model-facts.ts"
export { CODER_MODEL, OAUTH_MODELS, oauthModel, VISION_MODEL } from "./catalog/oauth-models.ts"
export {
  type ApiEndpoint,
  CODING_PLAN,
  endpointLabel,
  PAY_AS_YOU_GO,
  PLAN_IDS,
  PLANS,
  type Plan,
  type PlanId,
  planOf,
  REGIONS,
  type Region,
  TOKEN_PLAN,
} from "./catalog/plans.ts"
export { isApiKey, normalizeApiKey, parseApiKeyKind } from "./credentials/api-key.ts"
export type { ApiKeyCredential, Credential, OAuthCredential } from "./credentials/credential.ts"
export { type CredentialFileOptions, credentialFile } from "./credentials/credential-file.ts"
export { CredentialManager, type CredentialManagerOptions } from "./credentials/credential-manager.ts"
export type { CredentialStore, LockedStore, Stored } from "./credentials/credential-store.ts"
export { type DeviceSignIn, startDeviceSignIn } from "./credentials/device-sign-in.ts"
export { acquireFileLock, type Lease, type LockTimes } from "./credentials/file-lock.ts"
export { qwenCodeFile } from "./credentials/qwen-code-file.ts"
export { formatStoredCredential, parseStoredCredential } from "./credentials/stored-credential.ts"
export { QwenAuthError, type QwenAuthErrorCode } from "./errors.ts"
export { replaceFile } from "./files/atomic-write.ts"
export { parseJsonText } from "./files/json-text.ts"
export { readTextFile, readTextFileSync } from "./files/text-file.ts"
export { DEFAULT_API_BASE_URL, isAllowedApiUrl } from "./http/api-url.ts"
export { secureUrl } from "./http/secure-url.ts"
export { type DebugFile, debugFile } from "./log/debug-file.ts"
export { type LogFields, type Logger, silentLogger } from "./log/logger.ts"
export { redactingLogger } from "./log/redact.ts"
export { loggedFetch, type RequestLogEntry, type RequestLogSink } from "./log/request-log.ts"
export { type RequestLogLimits, requestLogFiles } from "./log/request-log-files.ts"
export { type SecretMemory, secretMemory } from "./log/secret-memory.ts"
export { teeLogger } from "./log/tee-logger.ts"
export {
  type ConsoleApiKey,
  type ConsoleSignIn,
  type ConsoleSite,
  startConsoleSignIn,
} from "./model-studio/console-sign-in.ts"
export type { KeyHint } from "./model-studio/key-endpoints.ts"
export { parseApiEndpoint } from "./model-studio/key-endpoints.ts"
export { ModelId, type ModelListOutcome, requestModelList } from "./model-studio/model-list.ts"
export { type ResolvedKey, resolveKeyEndpoint } from "./model-studio/resolve-key-endpoint.ts"
export {
  type AuthorizationServer,
  authorizationServer,
  QWEN_CLIENT_ID,
  QWEN_OAUTH_BASE_URL,
} from "./oauth/authorization-server.ts"
export type { DeviceAuthorization } from "./oauth/device-authorization.ts"
export { nodePlatform, type Platform } from "./platform.ts"
export { HostTool } from "./tool-names/host-tool.ts"
export type { HostEquivalent, KnownTool } from "./tool-names/known-tool.ts"
export { toolNamePrompt } from "./tool-names/tool-name-prompt.ts"
