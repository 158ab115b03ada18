import { describe, expect, it } from "vitest"
import { secretMemory } from "./secret-memory.ts"

function memoryWith(...secrets: string[]) {
  const memory = secretMemory()
  for (const secret of secrets) memory.remember(secret)
  return memory
}

describe("secretMemory", () => {
  it.each([
    ["in prose", "the code ABCD-1234 is wrong", "the code [redacted] is wrong"],
    ["in a path", "/device/ABCD-1234/x", "/device/[redacted]/x"],
    ["that is a name and a value", { "ABCD-1234": ["ABCD-1234"] }, { "[redacted]": ["[redacted]"] }],
    ["in an error", new Error("no ABCD-1234"), { name: "Error", message: "no [redacted]" }],
    ["that is escaped in JSON", '{"a":"ABCD\\u002d1234"}', '{"a":"[redacted]"}'],
  ])("removes a secret %s", (_, value, clean) => {
    expect(memoryWith("ABCD-1234").redact(value)).toEqual(clean)
  })

  it.each([
    ["that is percent-encoded", "x a%2Fb%2Bc%3D%22%3D x"],
    ["that is percent-encoded in lower case", "x a%2fb%2bc%3d%22%3d x"],
    ["beside text that cannot be decoded", "%ff%a%2Fb%2Bc%3D%22%3D%"],
    ["that is percent-encoded twice", encodeURIComponent(encodeURIComponent('a/b+c="='))],
    ["that is escaped", 'got "a/b+c=\\"=" and'],
    ["that is escaped with its slashes", 'got "a\\/b+c=\\"=" and'],
  ])("removes a secret %s", (_, text) => {
    const clean = String(memoryWith('a/b+c="=').redact(text))
    expect(clean).toContain("redacted")
    expect(clean).not.toMatch(/a.*b.*c/)
  })

  it("hides the whole of a secret that begins with another secret", () => {
    expect(memoryWith("secret", "secret-and-more").redact("secret-and-more")).toBe("[redacted]")
  })

  it("matches a secret literally, not as a pattern", () => {
    expect(memoryWith("a.c*+?[x]").redact("abc a.c*+?[x]")).toBe("abc [redacted]")
  })

  it("does not remember a short text, a lone surrogate or an empty text", () => {
    const memory = memoryWith("12345", "", "\ud800".repeat(6))
    expect(memory.redact("12345 and more")).toBe("12345 and more")
  })

  it("remembers at most 8 KiB of a secret", () => {
    expect(memoryWith("x".repeat(100_000)).redact("x".repeat(8 * 1024 + 1))).toBe("[redacted]x")
  })

  it("keeps the last 200 secrets", () => {
    const memory = memoryWith("secret-first", "secret-again")
    for (let n = 0; n < 198; n++) memory.remember(`secret-${1000 + n}`)
    memory.remember("secret-again")
    memory.remember("secret-last")
    expect(memory.redact("secret-first")).toBe("secret-first")
    expect(memory.redact("secret-again secret-1000 secret-last")).toBe("[redacted] [redacted] [redacted]")
  })
})
