import { thrownBy } from "qwen-auth-testing/failure-of"
import { describe, expect, it } from "vitest"
import { authorizationServer } from "./authorization-server.ts"

describe("authorizationServer", () => {
  it("defaults to Qwen's server and Qwen Code's public client", () => {
    expect(authorizationServer()).toEqual({
      deviceAuthorizationEndpoint: "https://chat.qwen.ai/api/v1/oauth2/device/code",
      tokenEndpoint: "https://chat.qwen.ai/api/v1/oauth2/token",
      clientId: "f0304373b74a44d2b584a3fb70ca9e56",
      scope: "openid profile email model.completion",
    })
  })

  it.each([
    ["https://auth.example.test", "https://auth.example.test/api/v1/oauth2/token"],
    ["https://auth.example.test/", "https://auth.example.test/api/v1/oauth2/token"],
    ["https://proxy.example.test/qwen//", "https://proxy.example.test/qwen/api/v1/oauth2/token"],
    ["http://127.0.0.1:4000", "http://127.0.0.1:4000/api/v1/oauth2/token"],
  ])("with base URL %s has the token endpoint %s", (baseUrl, tokenEndpoint) => {
    expect(authorizationServer({ baseUrl }).tokenEndpoint).toBe(tokenEndpoint)
  })

  it("uses a given client id", () => {
    expect(authorizationServer({ clientId: "mine" }).clientId).toBe("mine")
  })

  it.each(["http://auth.example.test", "chat.qwen.ai", ""])("rejects the base URL %j", async (baseUrl) => {
    const error = await thrownBy(() => authorizationServer({ baseUrl }))
    expect(error.code).toBe("invalid_endpoint")
    expect(error.message).toContain("The sign-in address")
  })
})
