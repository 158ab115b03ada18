import type { Command } from "./command.ts"

/** The commands about this computer. */
export const COMPUTER_COMMANDS: readonly Command[] = [
  {
    name: "setup",
    summary: "put the plugin into OpenCode's configuration, or copy Alma's folder",
    usage: "opencode|alma [--from-checkout] [--dry-run] [--remove]",
    choices: ["opencode", "alma"],
    arguments: { min: 1, max: 1 },
    options: [
      { name: "from-checkout", summary: "use what is built in this checkout, not the published package" },
      { name: "dry-run", summary: "show the change, and change nothing" },
      { name: "remove", summary: "undo it" },
      { name: "json", summary: "print JSON" },
    ],
    examples: [
      ["qwen-auth setup opencode", "the published plugin"],
      ["qwen-auth setup opencode --from-checkout", "the plugin that `npm run build` made"],
      ["qwen-auth setup alma", "Alma's plugin folder"],
      ["qwen-auth setup opencode --remove", "undo"],
    ],
    load: () => import("../setup/setup.ts"),
  },
  {
    name: "doctor",
    summary: "find out why something does not work, and say what to do",
    usage: "[--json] [--offline]",
    options: [
      { name: "json", summary: "print JSON" },
      { name: "offline", summary: "skip the checks that need the network" },
    ],
    examples: [["qwen-auth doctor", "a report without secrets, to be pasted into an issue"]],
    notes: ["Exit status: 0 no problem, 1 at least one problem."],
    load: () => import("../doctor/doctor.ts"),
  },
  {
    name: "completion",
    summary: "print the completion script of a shell",
    usage: "bash|zsh|fish",
    choices: ["bash", "zsh", "fish"],
    arguments: { min: 1, max: 1 },
    options: [],
    examples: [
      ['eval "$(qwen-auth completion bash)"', "in ~/.bashrc"],
      ['eval "$(qwen-auth completion zsh)"', "in ~/.zshrc, after compinit"],
      ["qwen-auth completion fish | source", "in ~/.config/fish/config.fish"],
    ],
    load: () => import("./completion.ts"),
  },
]
