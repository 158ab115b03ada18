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
/** The responses that one process received: for its simultaneous requests, and for one more after them. */
export type AskReport = v.InferOutput<typeof Report>

/** The options of the processes, see e2e/workers/ask-once.mjs. */
export interface AskOptions {
  readonly origin: string
  readonly file: string
  readonly clockMs?: number
  readonly haste?: number
}

/** Starts processes that share one stored sign-in. Each sends four requests at once. */
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
