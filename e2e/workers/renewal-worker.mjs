/**
 * A program that uses the built library. It reads commands as JSON lines from standard input (see commands.mjs) and answers each with
 * `{"id", "result"}` or `{"id", "error"}`. It runs many commands, so that a test pays for its start only once, and ends with its
 * standard input. It runs in Node and in Bun.
 */
import { createInterface } from "node:readline"
import { nodePlatform } from "qwen-auth-core"
import { acquireFileLock } from "qwen-auth-core/internal"
import * as v from "valibot"
import { Command } from "./commands.mjs"
import { holdAlone } from "./hold-alone.mjs"
import { askAtOnce, newManager } from "./use-sign-in.mjs"

/** @typedef {v.InferOutput<typeof Command>} AnyCommand */

/** @param {AnyCommand} command @returns {Promise<unknown>} */
async function execute(command) {
  switch (command.do) {
    case "ask":
      return askAtOnce(command, command.requests)
    case "refresh":
      await newManager(command).getCredential()
      return "renewed"
    case "hold":
      return holdAlone(command)
    case "keep":
      await Promise.all(
        command.folders.map((folder) => acquireFileLock(nodePlatform(), folder, { times: command.times })),
      )
      return "kept"
  }
}

/** @param {AnyCommand} command */
async function answer(command) {
  try {
    print({ id: command.id, result: await execute(command) })
  } catch (error) {
    print({ id: command.id, error: String(error) })
  }
}

/** @param {object} document */
function print(document) {
  process.stdout.write(`${JSON.stringify(document)}\n`)
}

print({ id: 0, result: "ready" })
for await (const line of createInterface({ input: process.stdin })) void answer(v.parse(Command, line))
process.exit()
