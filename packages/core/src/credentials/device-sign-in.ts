import type { AuthorizationServer } from "../oauth/authorization-server.ts"
import { type DeviceAuthorization, requestDeviceAuthorization } from "../oauth/device-authorization.ts"
import { createPkce } from "../oauth/pkce.ts"
import { pollForToken } from "../oauth/poll-for-token.ts"
import type { Platform } from "../platform.ts"
import { type OAuthCredential, oauthCredential } from "./credential.ts"

/** A started sign-in that waits for the user. */
export interface DeviceSignIn {
  /** The verification URI and the user code to show. */
  readonly authorization: DeviceAuthorization
  /**
   * Waits until the user approves or denies the sign-in.
   * @throws QwenAuthError `authorization_denied`, `device_code_expired`, `sign_in_failed`, `aborted`
   */
  wait(signal?: AbortSignal): Promise<OAuthCredential>
}

/** Options of a device sign-in. */
export interface DeviceSignInOptions {
  readonly server: AuthorizationServer
  /** Cancels the authorization request. `wait` takes its own signal. */
  readonly signal?: AbortSignal | undefined
  readonly platform: Platform
}

/**
 * Starts a sign-in with the Device Authorization Grant (RFC 8628) and PKCE (RFC 7636).
 *
 * @example
 * const signIn = await startDeviceSignIn({ server: authorizationServer(), platform: nodePlatform() })
 * show(signIn.authorization.verificationUriComplete, signIn.authorization.userCode)
 * const credential = await signIn.wait(signal)
 *
 * @throws QwenAuthError `device_authorization_failed`, `service_unreachable`, `web_firewall`,
 *   `unexpected_response`, `aborted`
 */
export async function startDeviceSignIn(options: DeviceSignInOptions): Promise<DeviceSignIn> {
  const { server, signal, platform } = options
  const pkce = createPkce(platform)
  const authorization = await requestDeviceAuthorization(platform, server, pkce, signal)
  return {
    authorization,
    wait: async (waitSignal) => {
      const tokens = await pollForToken(platform, server, authorization, pkce, waitSignal)
      return oauthCredential(tokens, tokens)
    },
  }
}
