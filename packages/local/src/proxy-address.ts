import { type Platform, QwenAuthError } from "qwen-auth-core"

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Returns a fetch that reports an invalid proxy address in the environment. Bun treats such an address as a host that
 * does not respond (measured with 1.3 and 1.4), which looks like a temporary failure. The address is checked only after
 * a failure, so that every address that Bun accepts still works.
 */
export function proxyAwareFetch(fetch: Platform["fetch"], environment: Environment): Platform["fetch"] {
  return async (url, init) => {
    try {
      return await fetch(url, init)
    } catch (error) {
      const variable = init.signal?.aborted ? undefined : invalidProxyVariable(url, environment)
      throw variable === undefined ? error : proxyUnusableError(variable, error)
    }
  }
}

/**
 * Returns the variable whose value is not an address. For https Bun reads these two, in this order, and skips an empty
 * one.
 */
function invalidProxyVariable(url: string, environment: Environment): string | undefined {
  const used = ["https_proxy", "HTTPS_PROXY"].find((name) => environment[name])
  if (used === undefined || !url.startsWith("https:")) return undefined
  const address = environment[used] ?? ""
  // Bun assumes http for an address without a scheme, and does not trim it.
  return URL.canParse(address.includes("://") ? address : `http://${address}`) && !/\s/.test(address) ? undefined : used
}

/** The message does not contain the value, which may include a password. */
function proxyUnusableError(variable: string, cause: unknown): QwenAuthError {
  return new QwenAuthError("proxy_unusable", `The value of ${variable} is not the address of a proxy.`, {
    remedy:
      "Set it to an address like http://name:password@proxy:8080, without quotes and spaces; " +
      "in the name and the password write @ as %40, / as %2F and # as %23.",
    cause,
  })
}
