import { describe, expect, it } from "vitest"
import { START } from "../testing/fake-world.ts"
import { oauthCredential } from "./credential.ts"

const tokens = { accessToken: "access-2", refreshToken: undefined, resourceUrl: undefined, expiresInS: 60 }
const previous = { refreshToken: "refresh-1", resourceUrl: "portal.qwen.ai" }

describe("oauthCredential", () => {
  it("keeps the refresh token and the resource URL that the server left out", () => {
    expect(oauthCredential(tokens, previous, START)).toEqual({
      type: "oauth",
      accessToken: "access-2",
      refreshToken: "refresh-1",
      resourceUrl: "portal.qwen.ai",
      expiresAt: START + 60_000,
    })
  })

  it("takes those that the server sent", () => {
    const rotated = { ...tokens, refreshToken: "refresh-2", resourceUrl: "dashscope.aliyuncs.com" }
    expect(oauthCredential(rotated, previous, START)).toMatchObject({
      refreshToken: "refresh-2",
      resourceUrl: "dashscope.aliyuncs.com",
    })
  })
})
