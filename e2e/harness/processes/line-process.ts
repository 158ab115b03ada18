import { type ChildProcessByStdio, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import * as v from "valibot"

/** Longer than the longest wait for a lock and a refresh. */
const ANSWER_TIMEOUT_MS = 90_000

const Line = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ id: v.number(), result: v.optional(v.unknown()), error: v.optional(v.string()) }),
)

/** A process that answers commands, see e2e/workers/answer-lines.mjs. */
export interface LineProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
  /** Sends a command and returns its result. @throws Error with the error of the process, or when the process ends or does not answer */
  call(command: object): Promise<unknown>
}

/** Starts a process and waits until it is ready. */
export async function startLineProcess(program: string, args: readonly string[]): Promise<LineProcess> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const answers = new PendingAnswers()
  child.once("error", (error) => answers.fail(error))
  void ended.then(() => answers.fail(new Error("The process ended.")))
  // Writing to a process that was just killed fails. Pending answers fail when the process ends.
  child.stdin.on("error", () => {})
  createInterface({ input: child.stdout }).on("line", (line) => answers.take(v.parse(Line, line)))
  try {
    await answers.expect().answer
  } catch (error) {
    child.kill("SIGKILL")
    throw error
  }
  return {
    child,
    ended,
    call(command) {
      const { id, answer } = answers.expect()
      child.stdin.write(`${JSON.stringify({ ...command, id })}\n`)
      return answer
    },
  }
}

/** The pending answers of one process. The first, number 0, means that the process is ready. */
class PendingAnswers {
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  #next = 0
  #failure: Error | undefined

  expect(): { readonly id: number; readonly answer: Promise<unknown> } {
    const id = this.#next++
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      const timer = setTimeout(() => reject(new Error("The process did not answer in time.")), ANSWER_TIMEOUT_MS)
      const settle = <T>(then: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer)
          this.#waiting.delete(id)
          then(value)
        }
      }
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) })
    })
    return { id, answer }
  }

  take({ id, result, error }: v.InferOutput<typeof Line>): void {
    const waiting = this.#waiting.get(id)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(error))
  }

  /** Rejects all pending and future answers. */
  fail(error: Error): void {
    this.#failure = error
    for (const { reject } of this.#waiting.values()) reject(error)
  }
}
