import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { describe, expect, it } from "vitest"
import { proxyAwareFetch } from "./proxy-address.ts"

const CHAT = "https://portal.qwen.ai/v1/chat/completions"
const FAILURE = Object.assign(new Error("Unable to connect."), { code: "ConnectionRefused" })

/** The error of a failed request. */
async function failureWith(environment: Record<string, string>, url = CHAT, init: RequestInit = {}): Promise<unknown> {
  const fetch = proxyAwareFetch(() => Promise.reject(FAILURE), environment)
  return fetch(url, init).catch((error: unknown) => error)
}

describe("a request that fails behind a proxy", () => {
  it.each([
    "http://",
    "http://127.0.0.1:99999",
    "http://[::1",
    "http://name:pass#word@proxy:8080",
    "http://name:pass/word@proxy:8080",
    '"http://proxy:8080"',
    " http://proxy:8080",
    "not an address",
  ])("is explained when the address is invalid: %j", async (value) => {
    const error = await failureWith({ HTTPS_PROXY: value })
    expect(error).toMatchObject({
      code: "proxy_unusable",
      message: "The value of HTTPS_PROXY is not the address of a proxy.",
      cause: FAILURE,
    })
    expect(error).not.toHaveProperty("sentence", expect.stringContaining("pass#word"))
    expect(retryWordIn(String(error))).toBeUndefined()
  })

  it.each([
    "http://proxy:8080",
    "https://proxy.corp",
    "http://name:p%40ss@proxy:8080/",
    "proxy:8080",
    "name:password@proxy:8080",
    "127.0.0.1:3128",
    "socks5://127.0.0.1:1080",
    "",
  ])("fails unchanged when the address is valid: %j", async (value) => {
    expect(await failureWith({ HTTPS_PROXY: value })).toBe(FAILURE)
  })

  it.each([
    [{ https_proxy: "http://", HTTPS_PROXY: "http://proxy:8080" }, "https_proxy"],
    [{ https_proxy: "", HTTPS_PROXY: "http://" }, "HTTPS_PROXY"],
  ])("is explained with the variable that Bun uses: %j", async (environment, name) => {
    expect(await failureWith(environment)).toHaveProperty("message", expect.stringContaining(` ${name} `))
  })

  it("is not explained with a variable that Bun does not use", async () => {
    expect(await failureWith({ https_proxy: "http://proxy:8080", HTTPS_PROXY: "http://" })).toBe(FAILURE)
    expect(await failureWith({ HTTPS_PROXY: "http://" }, "http://127.0.0.1:4000/v1")).toBe(FAILURE)
  })

  it("fails unchanged when the caller aborted it", async () => {
    expect(await failureWith({ HTTPS_PROXY: "http://" }, CHAT, { signal: AbortSignal.abort() })).toBe(FAILURE)
  })
})

it("returns a response whatever the proxy's address", async () => {
  const answer = new Response()
  expect(await proxyAwareFetch(async () => answer, { HTTPS_PROXY: "http://" })(CHAT, {})).toBe(answer)
})
