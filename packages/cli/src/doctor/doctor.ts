import { QwenAuthError } from "qwen-auth-core"
import { version } from "../../package.json" with { type: "json" }
import type { Call } from "../commands/command.ts"
import { DEFAULT_PORT } from "../commands/default-port.ts"
import { EXIT } from "../exit-codes.ts"
import { cancellable } from "../interrupt.ts"
import { openStoredSignIn } from "../stored-sign-in.ts"
import { styleFor } from "../terminal/style.ts"
import type { World } from "../world.ts"
import { checkAlma } from "./check-alma.ts"
import { checkFiles } from "./check-files.ts"
import { checkNetwork } from "./check-network.ts"
import { checkOpenCode } from "./check-opencode.ts"
import { checkAuthConfig, checkPort, checkRuntime, checkVariables } from "./check-runtime.ts"
import type { Check, Finding, Probes } from "./finding.ts"
import { thisComputersProbes } from "./probes.ts"

/** The order of the report. The files come first, because reading the sign-in corrects their modes. */
const CHECKS: readonly Check[] = [
  checkRuntime,
  checkFiles,
  checkVariables,
  checkAuthConfig,
  checkNetwork,
  checkOpenCode,
  checkAlma,
  checkPort(DEFAULT_PORT),
]

/** Examines this computer and prints a report that can be pasted into an issue. */
export async function run({ world, values }: Call): Promise<number> {
  const findings = await cancellable(world, (signal) =>
    examine(world, thisComputersProbes(), values["offline"] === true, signal),
  )
  world.stdout.write(values["json"] === true ? `${JSON.stringify({ version, findings })}\n` : report(world, findings))
  return findings.some(({ state }) => state === "problem") ? EXIT.failed : EXIT.done
}

/**
 * Runs all checks.
 * @throws QwenAuthError `invalid_endpoint`: a variable has an address that cannot be used; `aborted`
 */
export async function examine(
  world: World,
  probes: Probes,
  offline: boolean,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const signIn = openStoredSignIn({ ...world, stderr: { write() {} } }, {})
  const context = { world, probes, signIn, signal }
  const findings: Finding[] = []
  for (const check of CHECKS.filter((each) => !offline || each !== checkNetwork)) {
    findings.push(...(await check(context)))
    if (signal.aborted) throw new QwenAuthError("aborted", "Cancelled.")
  }
  return findings.map((finding) => anonymous(world, finding))
}

/** Removes the user's name, which is part of the home folder's path. */
function anonymous({ sources: { home } }: World, finding: Finding): Finding {
  const hide = (text: string) => (home.length > 1 ? text.replaceAll(home, "~") : text)
  const { message, remedy } = finding
  return { ...finding, message: hide(message), remedy: remedy && hide(remedy) }
}

function report(world: World, findings: readonly Finding[]): string {
  const style = styleFor(world)
  const shown = { ok: style.good, note: style.dim, problem: style.bad }
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ check, state, message, remedy }) => [
    `${shown[state](state.padEnd(7))}  ${check.padEnd(width)}  ${message}`,
    ...(remedy === undefined ? [] : [`${" ".repeat(width + 11)}${remedy}`]),
  ])
  const problems = findings.filter(({ state }) => state === "problem").length
  const sum = problems === 0 ? "No problem was found." : problems === 1 ? "1 problem." : `${problems} problems.`
  const system = `qwen-auth ${version}, Node.js ${world.nodeVersion}, ${world.system} ${world.arch}`
  return `${[style.bold(system), "", ...lines, "", sum].join("\n")}\n`
}
