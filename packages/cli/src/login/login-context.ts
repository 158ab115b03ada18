import type { Values } from "../commands/command.ts"
import type { ComputerSignIn } from "../sign-in.ts"
import type { World } from "../world.ts"
import type { LoginOutput } from "./login-output.ts"

/** What every way to sign in gets. */
export interface LoginContext {
  readonly world: World
  readonly values: Values
  readonly signIn: ComputerSignIn
  readonly output: LoginOutput
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal
}
