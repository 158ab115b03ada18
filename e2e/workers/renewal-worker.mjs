/**
 * A program that uses the built library. It executes commands as described in answer-lines.mjs. It executes many, so that a test pays for its
 * start only once. It runs in Node and in Bun.
 */
import { nodePlatform } from "qwen-auth-core"
import { acquireFileLock } from "qwen-auth-core/internal"
import * as v from "valibot"
import { answerLines } from "./answer-lines.mjs"
import { holdAlone } from "./hold-alone.mjs"
import { askAtOnce, newManager } from "./use-sign-in.mjs"

const Times = v.object({ heartbeatMs: v.number(), abandonedMs: v.number(), staleMs: v.number(), waitMs: v.number() })
const signIn = { origin: v.string(), file: v.string(), lockTimes: v.optional(Times) }

const Command = v.variant("do", [
  /** Send `requests` chat requests at once with a new manager. */
  v.object({ do: v.literal("ask"), ...signIn, requests: v.number() }),
  /** Get a valid credential with a new manager. */
  v.object({ do: v.literal("refresh"), ...signIn }),
  /** Acquire a lock, hold it for `holdMs` and release it. `witness` is a file that only a single holder can create. */
  v.object({ do: v.literal("hold"), folder: v.string(), times: Times, holdMs: v.number(), witness: v.string() }),
  /** Acquire locks and never release them. */
  v.object({ do: v.literal("keep"), folders: v.array(v.string()), times: Times }),
])

await answerLines(async (line) => {
  const command = v.parse(Command, line)
  switch (command.do) {
    case "ask":
      return askAtOnce(command, command.requests)
    case "refresh":
      await newManager(command).getCredential()
      return
    case "hold":
      return holdAlone(command)
    case "keep": {
      const { folders, times } = command
      await Promise.all(folders.map((folder) => acquireFileLock(nodePlatform(), folder, { times })))
      return
    }
  }
})
