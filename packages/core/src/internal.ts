export type { RefusedRequest } from "./api/api-failure.ts"
export { loadCatalogue } from "./api/key-route.ts"
export { PreparedBodies } from "./api/prepared-bodies.ts"
export { createQwenFetch, type QwenFetchOptions, type RequestCredentials } from "./api/qwen-fetch.ts"
export { verifyAccount } from "./api/verify-account.ts"
export { findModel } from "./catalog/find-model.ts"
export type { ModelFacts } from "./catalog/model-facts.ts"
export { type ModelPrice, modelPrice } from "./catalog/model-price.ts"
export { CODER_MODEL, OAUTH_MODELS, oauthModel, VISION_MODEL } from "./catalog/oauth-models.ts"
export { isChatModel, offeredModels } from "./catalog/offered-models.ts"
export { planModels } from "./catalog/plan-models.ts"
export {
  CODING_PLAN,
  KEY_PAGES,
  PAY_AS_YOU_GO,
  PLAN_IDS,
  PLANS,
  type Plan,
  planOf,
  REGIONS,
  TOKEN_PLAN,
} from "./catalog/plans.ts"
export { thinkingLevels } from "./catalog/thinking-levels.ts"
export { isApiKey, normalizeApiKey, parseApiKeyKind } from "./credentials/api-key.ts"
export { secretOf } from "./credentials/credential.ts"
export { CredentialManager, type CredentialManagerOptions } from "./credentials/credential-manager.ts"
export { type DeviceSignIn, startDeviceSignIn } from "./credentials/device-sign-in.ts"
export { acquireFileLock, type LockTimes } from "./credentials/file-lock.ts"
export { tokenId, tokenIds } from "./credentials/former-tokens.ts"
export { newestGeneration, ownerOf } from "./credentials/lock-generations.ts"
export { formatStoredCredential, parseStoredCredential } from "./credentials/stored-credential.ts"
export { replaceFile } from "./files/atomic-write.ts"
export { parseJsonText } from "./files/json-text.ts"
export { readTextFile, readTextFileSync } from "./files/text-file.ts"
export { type Answer, readAnswer } from "./http/answer.ts"
export { API_DOMAINS, API_HOSTS, isAllowedApiUrl, resourceBaseUrl } from "./http/api-url.ts"
export { NoAnswerError, withDeadline, withTimeout } from "./http/deadline.ts"
export { fieldsOf, listOf, parseJsonObject } from "./http/json-object.ts"
export { networkError } from "./http/network-error.ts"
export { secureUrl } from "./http/secure-url.ts"
export { clockSkewMs } from "./http/server-time.ts"
export { debugFile } from "./log/debug-file.ts"
export { silentLogger } from "./log/logger.ts"
export { redactingLogger } from "./log/redact.ts"
export { loggedFetch } from "./log/request-log.ts"
export { requestLogFiles } from "./log/request-log-files.ts"
export { sanitizeText } from "./log/sanitize-text.ts"
export { secretMemory } from "./log/secret-memory.ts"
export { parseApiEndpoint } from "./model-studio/endpoint-address.ts"
export { isModelId, requestModelList } from "./model-studio/model-list.ts"
export { type ResolvedKey, resolveKeyEndpoint } from "./model-studio/resolve-key-endpoint.ts"
export { QWEN_CLIENT_ID, QWEN_OAUTH_BASE_URL } from "./oauth/authorization-server.ts"
export { type HostTool, parseHostTool } from "./tool-names/host-tool.ts"
export { type KnownTool, toolNamePrompt } from "./tool-names/tool-name-prompt.ts"
