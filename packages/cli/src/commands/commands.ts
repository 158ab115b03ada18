import type { Command } from "./command.ts"
import { completionCommand, doctorCommand, setupCommand } from "./computer-commands.ts"
import { execCommand, serveCommand } from "./gateway-commands.ts"
import { loginCommand, logoutCommand, modelsCommand, statusCommand, tokenCommand } from "./sign-in-commands.ts"

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  loginCommand,
  statusCommand,
  logoutCommand,
  tokenCommand,
  modelsCommand,
  execCommand,
  serveCommand,
  setupCommand,
  doctorCommand,
  completionCommand,
]
