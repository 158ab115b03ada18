import { credential } from "qwen-auth-testing/samples"
import { expect, it } from "vitest"
import { formerTokensAfter, tokenId, tokenIds } from "./former-tokens.ts"
import { formatStoredCredential, parseFormerTokens } from "./stored-credential.ts"

const generation = (number: number) => credential({ refreshToken: `refresh-${number}` })

it("a refreshed sign-in has the ids of all its refresh tokens, the current one first", () => {
  const once = {
    credential: generation(2),
    formerTokens: formerTokensAfter({ credential: generation(1) }, generation(2)),
  }
  const twice = { credential: generation(3), formerTokens: formerTokensAfter(once, generation(3)) }

  expect(tokenIds(twice)).toEqual(["refresh-3", "refresh-2", "refresh-1"].map(tokenId))
})

it("a refresh token that the server did not rotate is listed once", () => {
  const stored = { credential: generation(1), formerTokens: [tokenId("refresh-0")] }

  expect(formerTokensAfter(stored, generation(1))).toEqual([tokenId("refresh-0")])
})

it("the ids do not reveal the tokens and fit into the space that is reserved for a credential", () => {
  const many = Array.from({ length: 500 }, (_, index) => tokenId(String(index)))
  const former = formerTokensAfter({ credential: generation(1), formerTokens: many }, generation(2))

  expect(former.join(" ")).not.toContain("refresh")
  expect(former.join(" ").length).toBeLessThan(1_700)
})

it("the ids are stored with a refreshed account and dropped by a new sign-in, also in a file whose other fields are kept", () => {
  const former = [tokenId("refresh-0"), tokenId("refresh-1")]
  const text = formatStoredCredential(generation(2), "", former)

  expect(parseFormerTokens(text)).toEqual(former)
  expect(parseFormerTokens(formatStoredCredential(generation(9), text))).toBeUndefined()
})

it.each(['{"former_tokens":"../../etc"}', '{"former_tokens":[1]}', "{}", "no json"])("%s contains no ids", (text) => {
  expect(parseFormerTokens(text)).toBeUndefined()
})
