import { QwenAuthError } from "qwen-auth-core"
import { type Answer, clockSkewMs, networkError, readAnswer, withDeadline } from "qwen-auth-core/internal"
import { variable, type World } from "../world.ts"
import { type Check, type CheckContext, type Finding, note, ok, problem } from "./finding.ts"

const TIMEOUT_MS = 10_000

/** Checks the way to the service: proxy, DNS, TLS, firewall, and the clock against the server's. */
export const checkNetwork: Check = async (context) => {
  const url = await serviceUrl(context)
  const { host } = new URL(url)
  const proxy = checkProxy(context.world)
  try {
    const answer = await ask(context, url, host)
    return [...proxy, firewall(answer, host), ...clock(context, answer)]
  } catch (error) {
    if (!QwenAuthError.isInstance(error) || error.code === "aborted") throw error
    return [...proxy, unreachable(error, host)]
  }
}

/** The host that the sign-in uses: of the key's plan, else the authorization server. */
async function serviceUrl({ signIn }: CheckContext): Promise<string> {
  const active = await signIn.active()
  if (active.kind === "key") return `${active.credential.baseUrl}/models`
  return signIn.settings.oauthBaseUrl
}

function ask({ world, signal }: CheckContext, url: string, host: string): Promise<Answer> {
  return withDeadline(world.platform, TIMEOUT_MS, host, signal, async (deadline) => {
    try {
      return await readAnswer(await world.platform.fetch(url, { redirect: "manual", signal: deadline }))
    } catch (error) {
      throw deadline.aborted ? error : networkError(host, error)
    }
  })
}

function unreachable(error: QwenAuthError, host: string): Finding {
  const remedy = error.remedy ?? "Check the network connection and proxy, then try again."
  if (error.code === "certificate_not_trusted") return problem("TLS", error.message, remedy)
  if (error.code.startsWith("proxy_")) return problem("proxy", error.message, remedy)
  if (codesOf(error).some((code) => code === "ENOTFOUND" || code === "EAI_AGAIN"))
    return problem(
      "DNS",
      `The name ${host} was not found.`,
      "Check the network connection, the VPN and the DNS server.",
    )
  return problem("network", error.message, remedy)
}

/** The error codes of an error and its causes. */
function codesOf(error: unknown, depth = 0): unknown[] {
  if (!(error instanceof Error) || depth > 8) return []
  return [...("code" in error ? [error.code] : []), ...codesOf(error.cause, depth + 1)]
}

function firewall(answer: Answer, host: string): Finding {
  if (answer.firewall)
    return problem(
      "firewall",
      `Alibaba's web firewall answered in place of ${host}.`,
      "Use another network or turn off the VPN, and try again later. The sign-in is kept.",
    )
  return ok("network", `${host} answers.`)
}

function clock({ world }: CheckContext, { headers }: Answer): Finding[] {
  const skewMs = clockSkewMs(headers, world.platform.now())
  if (skewMs === undefined) return []
  if (skewMs === 0) return [ok("clock", "The clock agrees with the server's.")]
  const minutes = Math.max(1, Math.round(Math.abs(skewMs) / 60_000))
  return [
    problem(
      "clock",
      `The clock of this computer is ${minutes} minutes ${skewMs > 0 ? "behind" : "ahead"}.`,
      "Let the system set the time automatically. Certificates and other programs need it.",
    ),
  ]
}

function checkProxy(world: World): Finding[] {
  const name = ["https_proxy", "HTTPS_PROXY"].find((each) => variable(world, each) !== undefined)
  if (name === undefined) return []
  const address = variable(world, name) ?? ""
  const parsed = URL.canParse(address.includes("://") ? address : `http://${address}`)
  if (!parsed || /\s/.test(address))
    return [
      problem(
        "proxy",
        `The value of ${name} is not the address of a proxy.`,
        "Set it to an address like http://name:password@proxy:8080, without quotes and spaces.",
      ),
    ]
  if (/^socks/i.test(address))
    return [
      problem(
        "proxy",
        `${name} names a SOCKS proxy, which neither Node.js nor OpenCode supports.`,
        "Use its HTTP port: most SOCKS programs have one.",
      ),
    ]
  const { nodeVersion } = world
  if (!knowsProxyVariables(nodeVersion)) {
    const remedy = "Node.js 24 can, with NODE_USE_ENV_PROXY=1."
    return [note("proxy", `${name} is set, but Node.js ${nodeVersion} cannot use it. ${remedy}`)]
  }
  if (variable(world, "NODE_USE_ENV_PROXY") === "1") return [ok("proxy", `${name} is used.`)]
  return [note("proxy", `${name} is set, but Node.js uses it only with NODE_USE_ENV_PROXY=1.`)]
}

/** Whether this Node.js has `NODE_USE_ENV_PROXY`: 24 and newer, and 22 from 22.21 on. */
function knowsProxyVariables(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.split(".").map(Number)
  return major >= 24 || (major === 22 && minor >= 21)
}
