import { thrownBy } from "qwen-auth-testing/failure-of"
import { describe, expect, it } from "vitest"
import { isLoopback, secureUrl } from "./secure-url.ts"

describe("secureUrl", () => {
  it.each([
    ["https://proxy.example.test", "https://proxy.example.test/"],
    ["https://proxy.example.test:8443/qwen/", "https://proxy.example.test:8443/qwen/"],
    ["https://10.0.0.7/", "https://10.0.0.7/"],
    ["http://127.0.0.1:4000", "http://127.0.0.1:4000/"],
    ["http://127.9.9.9", "http://127.9.9.9/"],
    ["http://localhost:4000/v1", "http://localhost:4000/v1"],
    ["http://[::1]:4000", "http://[::1]:4000/"],
  ])("accepts %s", (value, href) => {
    expect(secureUrl(value, "It").href).toBe(href)
  })

  it.each([
    ["http elsewhere", "http://proxy.example.test"],
    ["http on a private network", "http://192.168.0.1"],
    ["http on a host that begins like loopback", "http://127.0.0.1.evil.test"],
    ["http on a host that ends like loopback", "http://notlocalhost"],
    ["http on any address", "http://0.0.0.0:4000"],
    ["a user name", "https://user@proxy.example.test"],
    ["a password", "https://:pw@proxy.example.test"],
    ["userinfo on loopback", "http://user:pw@127.0.0.1"],
    ["a query", "https://proxy.example.test/?a=1"],
    ["a fragment", "https://proxy.example.test/#a"],
    ["no scheme", "proxy.example.test"],
    ["another scheme", "ftp://proxy.example.test"],
    ["a script", "javascript:alert(1)"],
    ["nothing", ""],
    ["junk", "::::"],
  ])("refuses %s: %s", async (_, value) => {
    const error = await thrownBy(() => secureUrl(value, "The sign-in address"))
    expect(error.code).toBe("invalid_endpoint")
    expect(error.message).toMatch(/^The sign-in address ".*" cannot be used\.$/)
    expect(error.remedy).toContain("https://")
  })

  it.each([
    ["in a valid address", "https://user:hunter2@proxy.example.test"],
    ["in an address with a wrong port", "https://user:hunter2@proxy.example.test:99999999"],
    ["that makes the address unreadable", "https://user:hunter2/x@proxy.example.test"],
    ["with an @ in it", "https://user:hunter2@x@proxy.example.test:99999999"],
    ["behind one slash", "https:/user:hunter2/x@proxy.example.test"],
    ["behind backslashes", "https:\\\\user:hunter2\\x@proxy.example.test"],
    ["of another scheme", "ftp://user:hunter2@proxy.example.test"],
    ["without scheme", "user:hunter2@proxy.example.test"],
  ])("does not repeat a password %s", async (_, value) => {
    const error = await thrownBy(() => secureUrl(value, "It"))
    expect(`${error.sentence} ${String(error.cause)}`).not.toContain("hunter2")
  })

  it("names an address without a scheme", async () => {
    expect((await thrownBy(() => secureUrl("localhost:4000", "It"))).message).toBe(
      'It "localhost:4000" cannot be used.',
    )
  })

  it("names the address without control characters", async () => {
    const error = await thrownBy(() => secureUrl("\u001b[31mchat.qwen.ai\u202e\n", "It"))
    expect(error.message).toBe('It "chat.qwen.ai" cannot be used.')
  })
})

describe("isLoopback", () => {
  it.each(["http://localhost", "http://127.0.0.1:1", "http://127.255.0.3", "http://[::1]", "http://[0:0:0:0:0:0:0:1]"])(
    "accepts %s",
    (value) => {
      expect(isLoopback(new URL(value))).toBe(true)
    },
  )

  it.each(["http://localhost.evil.test", "http://128.0.0.1", "http://[::2]", "http://127.0.0.1.nip.io"])(
    "rejects %s",
    (value) => {
      expect(isLoopback(new URL(value))).toBe(false)
    },
  )
})
