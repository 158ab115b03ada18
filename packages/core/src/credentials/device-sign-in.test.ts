import { createHash } from "node:crypto"
import { expect, it } from "vitest"
import { failureOf } from "../testing/failure-of.ts"
import { fakeWorld, START } from "../testing/fake-world.ts"
import { json } from "../testing/replies.ts"
import { SERVER, STARTED, TOKENS } from "../testing/samples.ts"
import { startDeviceSignIn } from "./device-sign-in.ts"

const pending = json({ error: "authorization_pending" }, 400)

it("signs in: codes for the person, then a credential that counts from the moment the tokens came", async () => {
  const world = fakeWorld({ replies: [json(STARTED), pending, json(TOKENS)] })
  const signIn = await startDeviceSignIn(world, SERVER)
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

it("proves with the verifier that it was the one who asked (RFC 7636 §4.6)", async () => {
  const world = fakeWorld({ replies: [json(STARTED), json(TOKENS)] })
  await (await startDeviceSignIn(world, SERVER)).wait()
  const [start, token] = world.requests
  const verifier = token?.form["code_verifier"] ?? ""
  expect(verifier).toHaveLength(43)
  expect(createHash("sha256").update(verifier).digest("base64url")).toBe(start?.form["code_challenge"])
})

it("asks nothing of the server until it is waited for", async () => {
  const world = fakeWorld({ replies: [json(STARTED)] })
  await startDeviceSignIn(world, SERVER)
  expect(world.requests).toHaveLength(1)
  expect(world.openWaits()).toBe(0)
})

it("ends as aborted when the wait is given up", async () => {
  const world = fakeWorld({ replies: [json(STARTED)], rest: pending })
  const signIn = await startDeviceSignIn(world, SERVER)
  expect((await failureOf(signIn.wait(AbortSignal.abort()))).code).toBe("aborted")
})
