import { UsageError } from "../command-error.ts"
import { type Call, textOf } from "../commands/command.ts"
import { EXIT } from "../exit-codes.ts"
import { cancellable } from "../interrupt.ts"
import { openSignIn } from "../sign-in.ts"
import { askChoice } from "../terminal/read-line.ts"
import { loginWithAccount } from "./account-login.ts"
import { loginThroughConsole } from "./console-login.ts"
import { foundSignIns, loginWithFound } from "./found-login.ts"
import { loginWithPipedKey, loginWithTypedKey } from "./key-login.ts"
import { type LoginContext, loginOutput } from "./login-context.ts"

type Way = (context: LoginContext) => Promise<void>

/** The ways to sign in that need no more than their option. */
const WAYS: Readonly<Record<string, Way>> = {
  account: loginWithAccount,
  console: loginThroughConsole,
  key: loginWithTypedKey,
  "key-stdin": loginWithPipedKey,
}

/** Signs in. Without an option that names the way, the user chooses from a menu. */
export async function run({ world, values }: Call): Promise<number> {
  const given = chosenWay(values)
  return cancellable(world, async (signal) => {
    const signIn = openSignIn(world, values)
    const output = loginOutput(world, values["json"] === true)
    const context = { world, values, signIn, output, signal }
    const way = given ?? (await chooseFromMenu(context))
    await way(context)
    return EXIT.done
  })
}

function chosenWay(values: Call["values"]): Way | undefined {
  const names = Object.keys(WAYS).filter((name) => values[name] === true)
  const found = textOf(values, "found")
  if (names.length + (found === undefined ? 0 : 1) > 1)
    throw new UsageError("Choose one way to sign in: --account, --console, --key, --key-stdin or --found NAME")
  if (found !== undefined) return (context) => loginWithFound(context, found)
  return names[0] === undefined ? undefined : WAYS[names[0]]
}

async function chooseFromMenu(context: LoginContext): Promise<Way> {
  const { world, output, signIn, signal } = context
  if (world.stdin.isTTY !== true || world.stdout.isTTY !== true || output.json)
    throw new UsageError(
      "There is no terminal to choose a way to sign in. Use --account, --console, --key-stdin or --found NAME",
    )
  const choices: readonly (readonly [string, Way])[] = [
    ["Qwen account, in the browser (its free tier ended on 2026-04-15)", loginWithAccount],
    ["Qwen Cloud (Model Studio) console, in the browser (pay as you go)", loginThroughConsole],
    ["API key (Coding Plan, Token Plan, pay as you go)", loginWithTypedKey],
    ...foundSignIns(signIn).map((found) => [`Found: ${found.label}`, found.use] as const),
  ]
  return askChoice(world, "How do you want to sign in?", choices, signal)
}
