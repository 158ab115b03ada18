import { QwenAuthError } from "qwen-auth-core"
import type { SignInCheck } from "../check-sign-in.ts"
import { describeSignIn, type SignInReport } from "../describe-sign-in.ts"
import { EXIT } from "../exit-codes.ts"
import { cancellable } from "../interrupt.ts"
import { isUnreachable, userMessage } from "../messages.ts"
import { openStoredSignIn, type StoredSignIn } from "../stored-sign-in.ts"
import { type Style, styleFor } from "../terminal/style.ts"
import type { World } from "../world.ts"
import type { Call, Values } from "./command.ts"

interface StatusReport extends SignInReport {
  /** Whether the service accepts it; only with `--check`. `null`: the service gave no conclusion. */
  readonly works?: boolean | null | undefined
}

/** Shows the sign-in. The exit status says whether it can be used. */
export async function run({ world, values }: Call): Promise<number> {
  const stored = openStoredSignIn(world, values)
  const found = describeSignIn(stored, await stored.active())
  const checked = values["check"] === true && found.signedIn ? await check(world, values, stored) : undefined
  const report: StatusReport = {
    ...found,
    works: checked && (checked.works ?? null),
    problem: checked?.error === undefined ? found.problem : userMessage(checked.error),
  }
  world.stdout.write(values["json"] === true ? `${JSON.stringify(report)}\n` : text(world, report))
  return found.signedIn ? exitStatus(checked) : EXIT.failed
}

function exitStatus(checked: SignInCheck | undefined): number {
  // The Coding Plan answers only to coding agents. What it does not refuse counts as good.
  if (checked?.error === undefined || checked.error.code === "client_not_allowed") return EXIT.done
  return checked.works === undefined ? EXIT.unreachable : EXIT.failed
}

/** The code that sends requests is loaded only here, so that `status` starts fast. */
async function check(world: World, values: Values, stored: StoredSignIn): Promise<SignInCheck> {
  try {
    return await cancellable(world, async (signal) => {
      const [{ openSignIn }, { checkSignIn }] = await Promise.all([
        import("../sign-in.ts"),
        import("../check-sign-in.ts"),
      ])
      return checkSignIn(openSignIn(world, values, stored), signal)
    })
  } catch (error) {
    if (!QwenAuthError.isInstance(error) || error.code === "aborted") throw error
    return { works: isUnreachable(error) ? undefined : false, error }
  }
}

function text(world: World, report: StatusReport): string {
  const style = styleFor(world)
  if (!report.signedIn) return `${report.problem ?? "You are not signed in to Qwen. Run: qwen-auth login"}\n`
  const title =
    report.kind === "account" ? "Signed in with a Qwen account" : `Signed in with an API key: ${report.label}`
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Source", report.source],
    ["API", report.baseUrl],
    ["Token", report.expiresAt === undefined ? undefined : tokenState(world, Date.parse(report.expiresAt))],
    ["Works", worksText(report, style)],
  ]
  const shown = rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(6)}  ${value}`]))
  return `${[style.bold(title), ...shown, ...(report.problem === undefined ? [] : [report.problem])].join("\n")}\n`
}

function worksText({ works }: StatusReport, { good, bad }: Style): string | undefined {
  if (works === undefined) return undefined
  if (works === null) return "not known"
  return works ? good("yes") : bad("no")
}

function tokenState({ platform }: World, expiresAt: number): string {
  const minutes = Math.round((expiresAt - platform.now()) / 60_000)
  if (minutes <= 0) return "expired, is refreshed when it is used"
  const left = minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`
  return `valid for ${left}, then refreshed`
}
