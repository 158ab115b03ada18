import { QwenAuthError } from "qwen-auth-core"
import { version } from "../../package.json" with { type: "json" }
import { KeyFileError } from "../gateway/key-file.ts"
import { type Command, type CommandWorld, UsageError } from "./command.ts"

/** The commands. Each is loaded when it is used, because `--help` must start fast. */
const COMMANDS: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>> = {
  exec: {
    summary: "run a command with a gateway of its own",
    load: async () => (await import("./exec.ts")).exec,
  },
  serve: {
    summary: "serve OpenAI's and Anthropic's APIs on this computer",
    load: async () => (await import("./serve.ts")).serve,
  },
}

/** The exit codes of the program itself. `exec` returns those of its command. */
const EXIT = { done: 0, failed: 1, usage: 2 } as const

/**
 * Runs the command that the arguments name, and reports its failure in one line.
 * @param args the arguments after the program's name
 * @returns the exit code: 0, 1 when the command failed, 2 when the arguments are wrong; `exec`: its command's
 */
export async function main(args: readonly string[], world: CommandWorld): Promise<number> {
  const [name = "", ...rest] = args
  if (name === "" || name === "--help" || name === "-h" || name === "help") {
    world.print(overview())
    return name === "" ? EXIT.usage : EXIT.done
  }
  if (name === "--version") {
    world.print(`${version}\n`)
    return EXIT.done
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (entry === undefined) return usage(world, "There is no such command.", "qwen-auth --help")
  const command = await entry.load()
  if (asksForHelp(rest)) {
    world.print(command.help)
    return EXIT.done
  }
  try {
    return await command.run(rest, world)
  } catch (error) {
    return await failed(error, name, world)
  }
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--")
  return (end === -1 ? args : args.slice(0, end)).some((argument) => argument === "--help" || argument === "-h")
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  return `Usage: qwen-auth COMMAND [options]\n\n${lines.join("\n")}\n\nqwen-auth COMMAND --help shows a command's options.\n`
}

async function failed(error: unknown, name: string, world: CommandWorld): Promise<number> {
  if (error instanceof UsageError) return usage(world, error.message, `qwen-auth ${name} --help`)
  // The errors of `util.parseArgs` name the option.
  if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
    return usage(world, firstSentence(error.message), `qwen-auth ${name} --help`)
  }
  if (QwenAuthError.isInstance(error)) {
    const { describeError } = await import("../sign-in.ts")
    world.report(`qwen-auth: ${describeError(error)}\n`)
  } else if (error instanceof KeyFileError) {
    world.report(`qwen-auth: ${error.message}\n`)
  } else {
    throw error
  }
  return EXIT.failed
}

function firstSentence(text: string): string {
  return `${text.split(". ")[0]?.replace(/\.$/, "")}.`
}

function usage(world: CommandWorld, message: string, help: string): number {
  world.report(`qwen-auth: ${message} Try: ${help}\n`)
  return EXIT.usage
}
