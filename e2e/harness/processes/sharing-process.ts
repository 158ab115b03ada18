import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import * as v from "valibot"
import { REPOSITORY } from "../shared/repository.ts"

const worker = (name: string) => join(REPOSITORY, "e2e", "workers", `${name}.mjs`)
const QWEN_CODE = worker("qwen-code-process")
const OURS = worker("qwen-code-sharer")

const Line = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ id: v.number(), result: v.optional(v.unknown()), error: v.optional(v.string()) }),
)
const Used = v.object({ accessToken: v.string(), refreshed: v.boolean() })
type Used = v.InferOutput<typeof Used>

/** A process that shares a sign-in with others. */
export interface SharingProcess {
  /**
   * Gets a valid token and refreshes it if needed.
   * @throws Error with the process's error message
   */
  use(): Promise<Used>
  /** Ends the process normally. */
  exit(): Promise<void>
}

/** A shared sign-in: the simulator's origin and the folder of the file. */
export interface SharedSignIn {
  readonly origin: string
  readonly folder: string
}

/** Starts a process that follows Qwen Code's protocol. `staleMs`: 10 000 in 0.12, 35 000 in 0.24. */
export function startQwenCode(shared: SharedSignIn, staleMs: 10_000 | 35_000): Promise<SharingProcess> {
  return start(QWEN_CODE, { ...shared, staleMs })
}

/** Starts a process that uses our library. */
export function startSharer(shared: SharedSignIn): Promise<SharingProcess> {
  return start(OURS, shared)
}

async function start(program: string, argument: object): Promise<SharingProcess> {
  const child = spawn(process.execPath, [program, JSON.stringify(argument)], { stdio: ["pipe", "pipe", "inherit"] })
  const lines = createInterface({ input: child.stdout })
  const waiting = new Map<number, (line: v.InferOutput<typeof Line>) => void>()
  lines.on("line", (text) => {
    const line = v.parse(Line, text)
    waiting.get(line.id)?.(line)
  })
  // A process that has ended does not answer, so pending calls must fail.
  child.once("exit", () => {
    for (const [id, settle] of waiting) settle({ id, error: "The process ended." })
  })
  const expect = (id: number) =>
    new Promise<unknown>((resolve, reject) => {
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id)
        if (error === undefined) resolve(result)
        else reject(new Error(error))
      })
    })
  await expect(0)
  let commands = 0
  return {
    async use() {
      const id = ++commands
      const answer = expect(id)
      send(child, { id, do: "use" })
      return v.parse(Used, await answer)
    },
    async exit() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, "exit")
      send(child, { id: ++commands, do: "exit" })
      await ended
    },
  }
}

function send(child: ChildProcess, command: object): void {
  child.stdin?.write(`${JSON.stringify(command)}\n`)
}
