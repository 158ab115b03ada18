import {
  type ApiKeyCredential,
  authorizationServer,
  type DeviceAuthorization,
  type OAuthCredential,
} from "qwen-auth-core"
import type { ModelFacts } from "qwen-auth-core/internal"
import { START } from "./fake-platform.ts"

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

export const SERVER = authorizationServer()

export const PKCE = { verifier: "verifier-of-the-test", challenge: "challenge-of-the-test" }

/** The device authorization response, as Qwen sends it. */
export const STARTED = {
  device_code: "device-1",
  user_code: "ABCD-1234",
  verification_uri: "https://chat.qwen.ai/authorize",
  verification_uri_complete: "https://chat.qwen.ai/authorize?user_code=ABCD-1234&client=qwen-code",
  expires_in: 900,
  interval: 5,
}

/** A token response, as Qwen sends it. */
export const TOKENS = {
  access_token: "access-2",
  refresh_token: "refresh-2",
  token_type: "Bearer",
  resource_url: "portal.qwen.ai",
  expires_in: 21_600,
}

/** The error response for a refresh token that was already used. */
export const DEAD_REFRESH_TOKEN = {
  error: "invalid_request",
  error_description: "Invalid refresh token or client_id",
}

/** A started sign-in that polls every 5 s and expires after 15 minutes. */
export function deviceAuthorization(fields: Partial<DeviceAuthorization> = {}): DeviceAuthorization {
  return {
    deviceCode: "device-1",
    userCode: "ABCD-1234",
    verificationUri: STARTED.verification_uri,
    verificationUriComplete: STARTED.verification_uri_complete,
    expiresAt: START + 15 * MINUTE,
    intervalMs: 5_000,
    ...fields,
  }
}

/** An account's credential that expires in six hours. */
export function credential(fields: Partial<OAuthCredential> = {}): OAuthCredential {
  return {
    type: "oauth",
    accessToken: "access-1",
    refreshToken: "refresh-1",
    resourceUrl: "portal.qwen.ai",
    expiresAt: START + 6 * HOUR,
    ...fields,
  }
}

/** A Coding Plan key at its international endpoint. */
export function keyCredential(fields: Partial<ApiKeyCredential> = {}): ApiKeyCredential {
  return {
    type: "api_key",
    apiKey: "sk-sp-key-of-the-test",
    plan: "coding-plan",
    region: "international",
    baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
    ...fields,
  }
}

/** A model of the catalogue. Without options for thinking it never thinks. */
export function modelFacts(thinking?: ModelFacts["thinking"], replaysThinking = false): ModelFacts {
  return {
    id: "model",
    name: "Model",
    contextTokens: 1_000_000,
    outputTokens: 65_536,
    imageInput: false,
    videoInput: false,
    pdfInput: false,
    replaysThinking,
    ...(thinking === undefined ? {} : { thinking }),
  }
}
