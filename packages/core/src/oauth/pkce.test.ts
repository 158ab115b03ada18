import { describe, expect, it } from "vitest"
import { nodePlatform } from "../platform.ts"
import { createPkce } from "./pkce.ts"

describe("createPkce", () => {
  it("computes RFC 7636 appendix B's verifier and challenge from its random bytes", () => {
    const octets = [
      116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191, 240,
      91, 88, 5, 88, 83, 132, 141, 121,
    ]
    expect(createPkce({ randomBytes: () => Uint8Array.from(octets) })).toEqual({
      verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
      challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    })
  })

  it("uses 32 random bytes", () => {
    const sizes: number[] = []
    createPkce({ randomBytes: (size) => new Uint8Array(sizes.push(size) * size) })
    expect(sizes).toEqual([32])
  })

  it("encodes both in base64url without padding, 43 characters (RFC 7636 §4.1, §4.2)", () => {
    // Plain base64 would encode these bytes with "+" and "/".
    const { verifier, challenge } = createPkce({ randomBytes: (size) => new Uint8Array(size).fill(0xfb) })
    expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(challenge).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it("returns a different pair each time", () => {
    const platform = nodePlatform()
    expect(createPkce(platform).verifier).not.toBe(createPkce(platform).verifier)
  })
})
