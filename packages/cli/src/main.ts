import { parseArgs } from "node:util"
import { QwenAuthError } from "qwen-auth-core"
import { version } from "../package.json" with { type: "json" }
import { CommandError, UsageError } from "./command-error.ts"
import type { Command, Values } from "./commands/command.ts"
import { COMMANDS } from "./commands/commands.ts"
import { COMMON_OPTIONS, commandHelp, programHelp } from "./commands/help-text.ts"
import { EXIT } from "./exit-codes.ts"
import type { World } from "./world.ts"

/**
 * Runs a command. The code of a command is loaded when it is called, so that the others start fast.
 * @param args the arguments after the program's name
 * @param output receives the help and the errors
 * @param openWorld returns what commands use
 * @returns the exit status, see {@link EXIT}
 */
export async function main(args: readonly string[], output: Outputs, openWorld: () => Promise<World>): Promise<number> {
  const [name, ...rest] = args
  switch (name) {
    case undefined:
      output.stderr.write(programHelp(COMMANDS))
      return EXIT.usage
    case "--version":
    case "-V":
      output.stdout.write(`${version}\n`)
      return EXIT.done
    case "--help":
    case "-h":
      output.stdout.write(programHelp(COMMANDS))
      return EXIT.done
    case "help":
      return rest[0] === undefined ? main(["--help"], output, openWorld) : main([rest[0], "--help"], output, openWorld)
    default:
      return runCommand(name, rest, output, openWorld)
  }
}

type Outputs = Pick<World, "stdout" | "stderr">

async function runCommand(
  name: string,
  args: readonly string[],
  output: Outputs,
  openWorld: () => Promise<World>,
): Promise<number> {
  let values: Values = {}
  try {
    const command = COMMANDS.find((candidate) => candidate.name === name)
    if (command === undefined) throw unknownCommand(name)
    const parsed = parse(command, args)
    values = parsed.values
    if (values["help"] === true) {
      output.stdout.write(commandHelp(command))
      return EXIT.done
    }
    checkArguments(command, parsed)
    const [{ run }, world] = await Promise.all([command.load(), openWorld()])
    return await run({ ...parsed, world, commands: COMMANDS })
  } catch (error) {
    return reportError(error, values, output)
  }
}

function unknownCommand(name: string): UsageError {
  const similar = name === "" ? undefined : COMMANDS.find((command) => command.name.startsWith(name.slice(0, 3)))
  const hint = similar === undefined ? "" : ` Did you mean ${similar.name}?`
  return new UsageError(`There is no command ${JSON.stringify(name.slice(0, 40))}.${hint} Run: qwen-auth --help`)
}

function parse(command: Command, args: readonly string[]) {
  const end = args.indexOf("--")
  const [own, rest] = end === -1 ? [args, undefined] : [args.slice(0, end), args.slice(end + 1)]
  const options = [...command.options, ...COMMON_OPTIONS].map(({ name, short, value, multiple = false }) => {
    const type = value === undefined ? ("boolean" as const) : ("string" as const)
    return [name, { type, multiple, ...(short === undefined ? {} : { short }) }] as const
  })
  try {
    const parsed = parseArgs({ args: [...own], options: Object.fromEntries(options), allowPositionals: true })
    return { values: { ...parsed.values }, positionals: parsed.positionals, rest }
  } catch (error) {
    // Node's own message names the option, never its value. Only its first sentence helps.
    const [reason = "The options are wrong"] = (error instanceof Error ? error.message : "").split(/\.(?:\s|$)|\n/)
    throw new UsageError(`${reason}. Run: qwen-auth ${command.name} --help`)
  }
}

function checkArguments(command: Command, { positionals, rest, values }: ReturnType<typeof parse>): void {
  const { min, max } = command.arguments ?? { min: 0, max: 0 }
  const help = `Run: qwen-auth ${command.name} --help`
  if (positionals.length < min) throw new UsageError(`An argument is missing: ${command.usage}. ${help}`)
  if (positionals.length > max && command.takesRest === true)
    throw new UsageError(`Put -- before the command: qwen-auth ${command.name} ${command.usage}. ${help}`)
  // An argument may be a key that was meant for the prompt, so it is not repeated.
  if (positionals.length > max || (rest !== undefined && command.takesRest !== true))
    throw new UsageError(`qwen-auth ${command.name} takes fewer arguments. ${help}`)
  const [first] = positionals
  if (command.choices !== undefined && first !== undefined && !command.choices.includes(first))
    throw new UsageError(`The argument must be one of: ${command.choices.join(", ")}. ${help}`)
  for (const { name, choices } of command.options) {
    const value = values[name]
    if (choices === undefined || value === undefined || choices.some((choice) => choice === value)) continue
    throw new UsageError(`--${name} must be one of: ${choices.join(", ")}. ${help}`)
  }
}

/** Formats an unexpected error. Its own message is left out, because it may quote secret input. */
function unexpectedError(error: unknown, verbose: boolean): string {
  const what = error instanceof Error ? ("code" in error && error.code) || error.name : typeof error
  const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^ +at /.test(line)) : []
  const lines = [
    `qwen-auth: The command failed (${String(what)}). Run: qwen-auth doctor; --verbose shows the place for a report.`,
    ...(verbose ? frames : []),
  ]
  return `${lines.join("\n")}\n`
}

/** Reports in one line what happened and what to do. With `--json` it is an event on standard output. */
async function reportError(error: unknown, values: Values, { stdout, stderr }: Outputs): Promise<number> {
  if (error instanceof CommandError) {
    stderr.write(`qwen-auth: ${error.message}\n`)
    return error instanceof UsageError ? EXIT.usage : EXIT.failed
  }
  if (!QwenAuthError.isInstance(error)) {
    stderr.write(unexpectedError(error, values["verbose"] === true))
    return EXIT.failed
  }
  const { userMessage, exitStatusOf } = await import("./messages.ts")
  const message = userMessage(error)
  if (values["json"] === true) stdout.write(`${JSON.stringify({ event: "error", code: error.code, message })}\n`)
  else stderr.write(`qwen-auth: ${message}\n`)
  return exitStatusOf(error)
}
