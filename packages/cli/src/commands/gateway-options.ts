import { resolve } from "node:path"
import { UsageError } from "../command-error.ts"
import { parseAliases } from "../gateway/model-aliases.ts"
import type { World } from "../world.ts"
import { textOf, type Values } from "./command.ts"
import { DEFAULT_PORT } from "./default-port.ts"

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

/** Returns the absolute path of `--key-file`; undefined if it was not given. */
export function keyFileOf({ folder }: Pick<World, "folder">, values: Values): string | undefined {
  const path = textOf(values, "key-file")
  return path === undefined ? undefined : resolve(folder, path)
}
