import type { Command, Option } from "./command.ts"
import { DEFAULT_PORT } from "./default-port.ts"

const SHARED: readonly Option[] = [
  {
    name: "model",
    value: "NAME=MODEL",
    multiple: true,
    summary: "the model for opus, sonnet, haiku or a full Claude name; MODEL alone for all",
  },
  { name: "keep-alive", value: "SECONDS", summary: "send a comment when a stream is silent for so long" },
]

/** The commands that start the gateway. */
export const GATEWAY_COMMANDS: readonly Command[] = [
  {
    name: "exec",
    summary: "run a command with a gateway of its own, so that it uses your sign-in",
    usage: "[options] -- COMMAND [ARGUMENTS]",
    takesRest: true,
    options: [
      ...SHARED,
      { name: "print", summary: "print the variables for a shell, for a gateway that runs" },
      { name: "key-file", value: "FILE", summary: "with --print: the file with that gateway's local key" },
      { name: "port", value: "PORT", summary: `with --print: that gateway's port, ${DEFAULT_PORT} unless given` },
    ],
    examples: [
      ["qwen-auth exec -- claude", ""],
      ['qwen-auth exec --model opus=qwen3.8-max -- claude -p "What is in this folder?"', ""],
      ['eval "$(qwen-auth exec --print --key-file ~/.qwen-gateway-key)"', "with: qwen-auth serve --key-file FILE"],
    ],
    notes: [
      "The command finds the gateway through OPENAI_BASE_URL, OPENAI_API_KEY,\nANTHROPIC_BASE_URL and ANTHROPIC_AUTH_TOKEN. The exit status is the command's.",
    ],
    load: () => import("./exec.ts"),
  },
  {
    name: "serve",
    summary: "serve OpenAI's and Anthropic's APIs on 127.0.0.1 with your sign-in",
    usage: "[options]",
    options: [
      { name: "port", value: "PORT", summary: `the port, ${DEFAULT_PORT} unless given` },
      { name: "next-port", summary: "take the next free port if it is in use" },
      { name: "key-file", value: "FILE", summary: "keep the local key in this file; without it a new one is shown" },
      ...SHARED,
      { name: "log", summary: "print a line per request, without contents" },
    ],
    examples: [
      ["qwen-auth serve", "until Ctrl-C"],
      ["qwen-auth serve --key-file ~/.qwen-gateway-key --log", ""],
      [`curl http://127.0.0.1:${DEFAULT_PORT}/v1/models -H "Authorization: Bearer KEY"`, ""],
    ],
    notes: [
      "Paths: /v1/chat/completions, /v1/models, /v1/responses, /v1/messages,\n/v1/messages/count_tokens, /healthz",
    ],
    load: () => import("./serve.ts"),
  },
]
