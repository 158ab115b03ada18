import type { Command, Option } from "./command.ts"

/** Options that every command has. */
export const COMMON_OPTIONS: readonly Option[] = [
  { name: "verbose", summary: "log what happens to standard error, without secrets" },
  { name: "help", short: "h", summary: "show this help" },
]

/** Returns the help for the whole program. */
export function programHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return lines([
    "One Qwen sign-in for the terminal, scripts and every client.",
    "",
    "Usage: qwen-auth COMMAND [options]",
    "",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "  qwen-auth COMMAND --help   options and examples",
    "  qwen-auth --version",
    "",
    "Examples:",
    ...commands.flatMap(({ examples: [first] }) => (first === undefined ? [] : [`  ${first[0]}`])),
    "",
    "Exit status: 0 done, 1 failed or sign-in needed, 2 service unreachable, 64 wrong usage, 130 cancelled with Ctrl-C.",
    "Variables: NO_COLOR (no colours), HTTPS_PROXY (with NODE_USE_ENV_PROXY=1), QWEN_HOME (Qwen Code's folder).",
  ])
}

/** Returns the help for one command. */
export function commandHelp(command: Command): string {
  const options = [...command.options, ...COMMON_OPTIONS]
  const width = Math.max(...options.map((option) => optionName(option).length))
  return lines([
    `qwen-auth ${command.name}: ${command.summary}.`,
    "",
    `Usage: qwen-auth ${command.name} ${command.usage}`.trimEnd(),
    "",
    ...options.map((option) => `  ${optionName(option).padEnd(width)}  ${optionSummary(option)}`),
    "",
    "Examples:",
    ...command.examples.flatMap(([example, what]) => [`  ${example}`, ...(what === "" ? [] : [`      ${what}`])]),
    ...(command.notes ?? []).flatMap((note) => ["", note]),
  ])
}

function optionName({ name, short, value }: Option): string {
  return `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`
}

function optionSummary({ summary, choices }: Option): string {
  return choices === undefined ? summary : `${summary} (${choices.join(", ")})`
}

function lines(texts: readonly string[]): string {
  return `${texts.join("\n")}\n`
}
