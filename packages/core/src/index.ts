export type { Fetch } from "./api/qwen-fetch.ts"
export { type ApiEndpoint, endpointLabel, type PlanId, type Region } from "./catalog/plans.ts"
export type { ApiKeyCredential, Credential, OAuthCredential } from "./credentials/credential.ts"
export { type CredentialFileOptions, credentialFile } from "./credentials/credential-file.ts"
export type { CredentialStore, LockedStore, Stored, WriteOutcome } from "./credentials/credential-store.ts"
export { qwenCodeFile } from "./credentials/qwen-code-file.ts"
export { QwenAuthError, type QwenAuthErrorCode } from "./errors.ts"
export { DEFAULT_API_BASE_URL } from "./http/api-url.ts"
export type { LogFields, Logger } from "./log/logger.ts"
export {
  type ConsoleSignIn,
  type ConsoleSignInOptions,
  startConsoleSignIn,
} from "./model-studio/console-sign-in.ts"
export type { ConsoleSite } from "./model-studio/console-site.ts"
export type { KeyHint } from "./model-studio/key-endpoints.ts"
export { type AuthorizationServer, authorizationServer } from "./oauth/authorization-server.ts"
export type { DeviceAuthorization } from "./oauth/device-authorization.ts"
export { nodePlatform, type Platform } from "./platform.ts"
export {
  type AccountSignIn,
  type ApiKeySignIn,
  createQwenAuth,
  type QwenAuth,
  type QwenAuthOptions,
} from "./qwen-auth.ts"
