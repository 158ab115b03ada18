import { START } from "qwen-auth-testing/fake-platform"
import { HOUR } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { oauthCredential } from "./credential.ts"

const tokens = {
  accessToken: "access-2",
  refreshToken: undefined,
  resourceUrl: undefined,
  expiresInS: 60,
  receivedAt: START,
  clockSkewMs: undefined,
}
const previous = { refreshToken: "refresh-1", resourceUrl: "portal.qwen.ai" }

describe("oauthCredential", () => {
  it("keeps the refresh token and the resource URL that the response omits", () => {
    expect(oauthCredential(tokens, previous)).toEqual({
      type: "oauth",
      accessToken: "access-2",
      refreshToken: "refresh-1",
      resourceUrl: "portal.qwen.ai",
      expiresAt: START + 60_000,
      expiresInS: 60,
    })
  })

  it("computes the expiry by the server's clock", () => {
    const late = { ...tokens, receivedAt: START + 12 * HOUR, clockSkewMs: 12 * HOUR }
    expect(oauthCredential(late, previous).expiresAt).toBe(START + 12 * HOUR + 60_000)
  })

  it("uses the refresh token and the resource URL of the response", () => {
    const rotated = { ...tokens, refreshToken: "refresh-2", resourceUrl: "dashscope.aliyuncs.com" }
    expect(oauthCredential(rotated, previous)).toMatchObject({
      refreshToken: "refresh-2",
      resourceUrl: "dashscope.aliyuncs.com",
    })
  })
})
