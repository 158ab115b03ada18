export { DEFAULT_API_BASE_URL } from "./api/endpoint.ts"
export { createQwenFetch, type Fetch, type QwenFetchOptions } from "./api/qwen-fetch.ts"
export { CODER_MODEL, type ModelFacts, OAUTH_MODELS, VISION_MODEL } from "./catalog/oauth-models.ts"
export type { OAuthCredential } from "./credentials/credential.ts"
export { type CredentialFileOptions, credentialFile } from "./credentials/credential-file.ts"
export { CredentialManager, type CredentialManagerOptions } from "./credentials/credential-manager.ts"
export type { CredentialStore, ExclusiveTurn, Stored } from "./credentials/credential-store.ts"
export { type DeviceSignIn, startDeviceSignIn } from "./credentials/device-sign-in.ts"
export { acquireFileLock, type Lease, type LockTimes } from "./credentials/file-lock.ts"
export { QWEN_CODE_REFUSAL_GRACE_MS, qwenCodeFile } from "./credentials/qwen-code-file.ts"
export { QwenAuthError, type QwenAuthErrorCode } from "./errors.ts"
export { secureUrl } from "./http/secure-url.ts"
export { type LogFields, type Logger, silentLogger } from "./log/logger.ts"
export { redactingLogger } from "./log/redact.ts"
export {
  type AuthorizationServer,
  authorizationServer,
  QWEN_CLIENT_ID,
  QWEN_OAUTH_BASE_URL,
} from "./oauth/authorization-server.ts"
export type { DeviceAuthorization } from "./oauth/device-authorization.ts"
export { systemWorld, type World } from "./world.ts"
