import type { Command } from "./command.ts"
import { COMPUTER_COMMANDS } from "./computer-commands.ts"
import { GATEWAY_COMMANDS } from "./gateway-commands.ts"
import { SIGN_IN_COMMANDS } from "./sign-in-commands.ts"

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [...SIGN_IN_COMMANDS, ...GATEWAY_COMMANDS, ...COMPUTER_COMMANDS]
