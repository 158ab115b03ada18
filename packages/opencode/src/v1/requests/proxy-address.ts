import { type Platform, QwenAuthError } from "qwen-auth-core"

type Environment = Readonly<Record<string, string | undefined>>

/**
 * A fetch that says when the proxy's address in the environment makes no sense. Bun takes such an address for a host that does
 * not answer (measured: 1.3, 1.4), which looks as if it could pass. Asked only after a failure: what Bun can use stays its own affair.
 */
export function proxyAwareFetch(fetch: Platform["fetch"], environment: Environment): Platform["fetch"] {
  return async (url, init) => {
    try {
      return await fetch(url, init)
    } catch (error) {
      const variable = init.signal?.aborted ? undefined : senselessProxy(url, environment)
      throw variable === undefined ? error : unusable(variable, error)
    }
  }
}

/** The variable whose value is no address. For https Bun reads these two, in this order, and skips an empty one. */
function senselessProxy(url: string, environment: Environment): string | undefined {
  const used = ["https_proxy", "HTTPS_PROXY"].find((name) => environment[name])
  if (used === undefined || !url.startsWith("https:")) return undefined
  const address = environment[used] ?? ""
  // Bun takes an address without a scheme for http, and does not trim.
  return URL.canParse(address.includes("://") ? address : `http://${address}`) && !/\s/.test(address) ? undefined : used
}

/** The value is not repeated: it may hold a password. */
function unusable(variable: string, cause: unknown): QwenAuthError {
  return new QwenAuthError("proxy_unusable", `The value of ${variable} is not the address of a proxy.`, {
    remedy:
      "Set it to an address like http://name:password@proxy:8080, without quotes and spaces; " +
      "in the name and the password write @ as %40, / as %2F and # as %23.",
    cause,
  })
}
