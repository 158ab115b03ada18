import { createHash } from "node:crypto"
import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { json } from "qwen-auth-testing/replies"
import { SERVER, STARTED, TOKENS } from "qwen-auth-testing/samples"
import { expect, it } from "vitest"
import { startDeviceSignIn } from "./device-sign-in.ts"

const pending = json({ error: "authorization_pending" }, 400)

it("a device sign-in returns the codes, then a credential whose lifetime starts with the token response", async () => {
  const platform = fakePlatform({ replies: [json(STARTED), pending, json(TOKENS)] })
  const signIn = await startDeviceSignIn({ platform, server: SERVER })
  expect(signIn.authorization.userCode).toBe("ABCD-1234")
  expect(await signIn.wait()).toEqual({
    type: "oauth",
    accessToken: "access-2",
    refreshToken: "refresh-2",
    resourceUrl: "portal.qwen.ai",
    expiresAt: START + 10_000 + 21_600_000,
    expiresInS: 21_600,
  })
})

it("a device sign-in sends the verifier of its code challenge (RFC 7636 §4.6)", async () => {
  const platform = fakePlatform({ replies: [json(STARTED), json(TOKENS)] })
  await (await startDeviceSignIn({ platform, server: SERVER })).wait()
  const [start, token] = platform.requests
  const verifier = token?.form["code_verifier"] ?? ""
  expect(verifier).toHaveLength(43)
  expect(createHash("sha256").update(verifier).digest("base64url")).toBe(start?.form["code_challenge"])
})

it("a device sign-in does not poll until it is waited for", async () => {
  const platform = fakePlatform({ replies: [json(STARTED)] })
  await startDeviceSignIn({ platform, server: SERVER })
  expect(platform.requests).toHaveLength(1)
  expect(platform.openWaits()).toBe(0)
})

it("a device sign-in is aborted with its wait", async () => {
  const platform = fakePlatform({ replies: [json(STARTED)], rest: pending })
  const signIn = await startDeviceSignIn({ platform, server: SERVER })
  expect((await failureOf(signIn.wait(AbortSignal.abort()))).code).toBe("aborted")
})
