import { EXIT } from "../exit-codes.ts"
import type { Call, Command, Option } from "./command.ts"
import { COMMON_OPTIONS } from "./help-text.ts"

/** Prints the completion script of a shell. It contains all commands and options, so completing starts no process. */
export async function run({ world, positionals, commands }: Call): Promise<number> {
  const scripts: Readonly<Record<string, (commands: readonly Command[]) => string>> = { bash, zsh, fish }
  world.stdout.write(scripts[positionals[0] ?? ""]?.(commands) ?? "")
  return EXIT.done
}

const optionsOf = (command: Command): readonly Option[] => [...command.options, ...COMMON_OPTIONS]

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const values = optionsOf(command).flatMap(({ name, choices }) =>
      choices === undefined ? [] : [`    ${command.name}:--${name}) words="${choices.join(" ")}" ;;`],
    )
    const words = [...(command.choices ?? []), ...optionsOf(command).map(({ name }) => `--${name}`)].join(" ")
    return [...values, `    ${command.name}:*) words="${words}" ;;`].join("\n")
  })
  return `_qwen_auth() {
  local words current="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}"
  if [ "$COMP_CWORD" -eq 1 ]; then command=; fi
  case "$command:\${COMP_WORDS[COMP_CWORD-1]}" in
${cases.join("\n")}
    *) words="${commands.map(({ name }) => name).join(" ")} --help --version" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _qwen_auth qwen-auth
`
}

function zsh(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const options = optionsOf(command).map(({ name, value, choices, summary }) => {
      const argument = value === undefined ? "" : `:${value}:${choices === undefined ? "" : `(${choices.join(" ")})`}`
      return `'--${name}[${zshText(summary)}]${argument}'`
    })
    const first = command.choices === undefined ? [] : [`'1:what:(${command.choices.join(" ")})'`]
    return `    ${command.name}) _arguments ${[...options, ...first].join(" ")} ;;`
  })
  return `#compdef qwen-auth
_qwen_auth() {
  if (( CURRENT == 2 )); then
    local -a commands=(${commands.map(({ name, summary }) => `'${name}:${zshText(summary)}'`).join(" ")})
    _describe command commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join("\n")}
  esac
}
compdef _qwen_auth qwen-auth
`
}

/** Removes what ends a description in \`_arguments\` or in single quotes. */
function zshText(text: string): string {
  return text.replaceAll("'", "’").replace(/[[\]:\\]/g, "")
}

function fish(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(" ")
  const quoted = (text: string) => `'${text.replace(/['\\]/g, "\\$&")}'`
  const lines = commands.flatMap((command) => {
    const seen = `-n '__fish_seen_subcommand_from ${command.name}'`
    return [
      `complete -c qwen-auth -f -n 'not __fish_seen_subcommand_from ${names}' -a ${command.name} -d ${quoted(command.summary)}`,
      ...(command.choices === undefined ? [] : [`complete -c qwen-auth -f ${seen} -a '${command.choices.join(" ")}'`]),
      ...optionsOf(command).map(({ name, short, value, choices, summary }) => {
        const argument = value === undefined ? "" : choices === undefined ? " -r" : ` -x -a '${choices.join(" ")}'`
        return `complete -c qwen-auth ${seen} -l ${name}${short === undefined ? "" : ` -s ${short}`}${argument} -d ${quoted(summary)}`
      }),
    ]
  })
  return `${lines.join("\n")}\n`
}
