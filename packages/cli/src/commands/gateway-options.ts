import { parseAliases } from "../gateway/model-aliases.ts"
import { UsageError } from "./command.ts"

/** The port of `serve` unless given: the keys of Q, W, E and N on a telephone. */
export const DEFAULT_PORT = 7936

/** The options that `serve` and `exec` share, for `util.parseArgs`. */
export const GATEWAY_OPTIONS = {
  port: { type: "string" },
  "key-file": { type: "string" },
  model: { type: "string", multiple: true },
  "keep-alive": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const

/** @throws UsageError */
export function parsePort(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new UsageError("--port must be a number from 1 to 65535.")
}

/** @returns ms, undefined if not given @throws UsageError */
export function parseKeepAlive(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (/^\d{1,4}$/.test(text) && seconds >= 1) return seconds * 1_000
  throw new UsageError("--keep-alive must be a number of seconds, at least 1.")
}

/** @throws UsageError */
export function parseModelChoices(values: readonly string[] = []) {
  const parsed = parseAliases(values)
  if ("choices" in parsed) return parsed.choices
  throw new UsageError("--model must be MODEL or NAME=MODEL, for example opus=qwen3.8-max.")
}

/** The description of the shared options. */
export const SHARED_HELP = `  --model NAME=MODEL     the model for opus, sonnet, haiku or a full Claude name;
                         --model MODEL for all of them. Default: the plan's own
  --keep-alive SECONDS   send a comment when a stream is silent for so long
`
