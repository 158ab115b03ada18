import { createServer } from "node:http"
import Provider from "oidc-provider"
import { authorizationServer, nodePlatform, type OAuthCredential } from "qwen-auth-core"
import { CredentialManager, QWEN_CLIENT_ID, startDeviceSignIn } from "qwen-auth-core/internal"
import { account } from "qwen-auth-testing/account"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { listenOnFreePort } from "../harness/shared/port.ts"

/** An implementation by others, at Qwen's paths. It ignores PKCE in the device flow; the simulator checks that. */
let provider: Provider
let origin = ""
const http = createServer()

beforeAll(async () => {
  origin = `http://127.0.0.1:${await listenOnFreePort(http)}`
  provider = new Provider(origin, {
    clients: [
      {
        client_id: QWEN_CLIENT_ID,
        token_endpoint_auth_method: "none",
        grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
        response_types: [],
        redirect_uris: [],
      },
    ],
    scopes: ["openid", "profile", "email", "model.completion"],
    features: { deviceFlow: { enabled: true }, devInteractions: { enabled: false } },
    routes: { device_authorization: "/api/v1/oauth2/device/code", token: "/api/v1/oauth2/token" },
    findAccount: (_context: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: 3600 },
  })
  http.on("request", provider.callback())
})
afterAll(() => {
  http.closeAllConnections()
  http.close()
})

describe("our client at an independent authorization server", () => {
  it("completes the device flow and a refresh with rotation", async () => {
    const signIn = await start()
    const waiting = signIn.wait()
    await decide(signIn.authorization.userCode, "approve")
    const credential = await waiting
    expect(credential.expiresAt - Date.now()).toBeGreaterThan(3_500_000)

    const refreshed = account(await refresh(credential))
    expect(refreshed.accessToken).not.toBe(credential.accessToken)
    expect(refreshed.refreshToken).not.toBe(credential.refreshToken)
  })

  it("reports that the user denied", async () => {
    const signIn = await start()
    await decide(signIn.authorization.userCode, "deny")

    await expect(signIn.wait()).rejects.toMatchObject({ code: "authorization_denied" })
  })

  it("reports that a refresh token was already used", async () => {
    const signIn = await start()
    await decide(signIn.authorization.userCode, "approve")
    const credential = await signIn.wait()

    await refresh(credential)
    await expect(refresh(credential)).rejects.toMatchObject({ code: "token_refresh_failed" })
  })
})

const server = () => authorizationServer({ baseUrl: origin })
const start = () => startDeviceSignIn({ platform: quickPlatform(), server: server() })
/** Refreshes a credential in a store of its own. */
const refresh = (credential: OAuthCredential) =>
  new CredentialManager({ platform: quickPlatform(), server: server(), store: memoryStore(credential) }).refresh(
    credential,
  )

/** Waits between polls are shortened. Longer timeouts are kept. */
function quickPlatform() {
  const { sleep } = nodePlatform()
  return nodePlatform({ sleep: (ms, signal) => sleep(ms <= 5_000 ? ms / 50 : ms, signal) })
}

/** Plays the user on the server's pages, without the pages. */
async function decide(userCode: string, decision: "approve" | "deny"): Promise<void> {
  const code = await provider.DeviceCode.findByUserCode(userCode.replaceAll("-", ""))
  if (code === undefined) throw new Error("The server does not know the user code.")
  if (decision === "deny") code.error = "access_denied"
  else {
    const { client_id: clientId, scope } = code.params
    const grant = new provider.Grant({ accountId: "user", clientId })
    grant.addOIDCScope(scope)
    Object.assign(code, { accountId: "user", grantId: await grant.save(), scope })
  }
  await code.save()
}
