import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as v from "valibot"
import { REPOSITORY } from "../shared/repository.ts"
import { runProcess } from "../shared/run-process.ts"

const WORKER = join(REPOSITORY, "e2e", "workers", "ask-once.mjs")
const REQUESTS = 4

const Answer = v.object({ status: v.number(), text: v.string() })
const Report = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ answers: v.array(Answer), again: Answer, warnings: v.array(v.string()) }),
)
/** What one process saw: its first requests, made at once, and one more after them. */
export type AskReport = v.InferOutput<typeof Report>

/** What the processes get, see the worker. */
export interface AskOptions {
  readonly origin: string
  readonly file: string
  readonly clockMs?: number
  readonly haste?: number
}

/** Starts real processes at once, each with its own memory, on one stored sign-in; each asks four things at once. */
export async function askFrom(processes: number, options: AskOptions): Promise<AskReport[]> {
  const lockFolder = await mkdtemp(join(tmpdir(), "qwen-sign-in-lock-"))
  const argument = JSON.stringify({ ...options, requests: REQUESTS, lockFolder })
  const env = { PATH: process.env["PATH"] ?? "" }
  const ask = async () => {
    const result = await runProcess(process.execPath, [WORKER, argument], { cwd: tmpdir(), env, timeoutMs: 60_000 })
    if (result.code !== 0) throw new Error(`The process ended with ${result.code}: ${result.stderr}`)
    return v.parse(Report, result.stdout)
  }
  try {
    return await Promise.all(Array.from({ length: processes }, ask))
  } finally {
    await rm(lockFolder, { recursive: true, force: true })
  }
}
