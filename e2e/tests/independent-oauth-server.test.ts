import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import Provider from "oidc-provider"
import {
  authorizationServer,
  type Credential,
  type CredentialStore,
  nodePlatform,
  type OAuthCredential,
} from "qwen-auth-core"
import { CredentialManager, QWEN_CLIENT_ID, startDeviceSignIn } from "qwen-auth-core/internal"
import { account } from "qwen-auth-testing/account"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

/** Written by others from the RFCs alone, on Qwen's paths. It ignores PKCE in the device flow; the simulator checks that. */
let provider: Provider
let origin = ""
const http = createServer()

beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  const address = http.address()
  origin = `http://127.0.0.1:${isPort(address) ? address.port : 0}`
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

    const manager = new CredentialManager({ platform: quickWorld(), server: server(), store: memoryStore(credential) })
    const renewed = account(await manager.refresh(credential))
    expect(renewed.accessToken).not.toBe(credential.accessToken)
    expect(renewed.refreshToken).not.toBe(credential.refreshToken)
  })

  it("is told that the person denied", async () => {
    const signIn = await start()
    await decide(signIn.authorization.userCode, "deny")

    await expect(signIn.wait()).rejects.toMatchObject({ code: "authorization_denied" })
  })

  it("is refused a refresh token that was used already", async () => {
    const signIn = await start()
    await decide(signIn.authorization.userCode, "approve")
    const credential = await signIn.wait()
    const renewTheSame = () =>
      new CredentialManager({ platform: quickWorld(), server: server(), store: memoryStore(credential) }).refresh(
        credential,
      )

    await renewTheSame()
    await expect(renewTheSame()).rejects.toMatchObject({ code: "token_refresh_failed" })
  })
})

const server = () => authorizationServer({ baseUrl: origin })
const start = () => startDeviceSignIn({ platform: quickWorld(), server: server() })

/** Polls ten times as fast as the clock says; time-outs stay as they are. */
function quickWorld() {
  const { sleep } = nodePlatform()
  return nodePlatform({ sleep: (ms, signal) => sleep(ms <= 5_000 ? ms / 50 : ms, signal) })
}

/** What the person does on the server's own pages, done at its back door. */
async function decide(userCode: string, decision: "approve" | "deny"): Promise<void> {
  const code = await provider.DeviceCode.findByUserCode(userCode.replaceAll("-", ""))
  if (code === undefined) throw new Error("The server does not know the user code.")
  if (decision === "deny") code.error = "access_denied"
  else {
    const { client_id: clientId, scope } = code.params
    const grant = new provider.Grant({ accountId: "person", clientId })
    grant.addOIDCScope(scope)
    Object.assign(code, { accountId: "person", grantId: await grant.save(), scope })
  }
  await code.save()
}

function memoryStore(credential: OAuthCredential): CredentialStore {
  let stored: Credential = credential
  return {
    read: async () => ({ credential: stored }),
    clear: async () => {},
    withLock: (task) =>
      task({
        isHeld: async () => true,
        reserveSpace: async () => {},
        write: async (next) => {
          stored = next
          return "stored"
        },
      }),
  }
}

function isPort(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null
}
