import { bunMissing, type Runtime, startWorker, type Worker } from "./worker-process.ts"

/** A typical mix of Node and Bun programs that share one sign-in. */
const RUNTIMES: readonly Runtime[] = [
  ...Array<Runtime>(12).fill("node"),
  ...(bunMissing === undefined ? Array<Runtime>(4).fill("bun") : []),
]

/** Describes the workers of {@link startCrowd}, for a test's name. */
export const CROWD = bunMissing === undefined ? "12 Node and 4 Bun processes" : `12 Node processes (${bunMissing})`

/** Starts all workers of a crowd. */
export async function startCrowd(): Promise<Worker[]> {
  const started = await Promise.allSettled(RUNTIMES.map(startWorker))
  const workers = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
  const failed = started.find((result) => result.status === "rejected")
  if (failed === undefined) return workers
  await endAll(workers)
  throw failed.reason
}

/** Kills workers. */
export async function endAll(workers: readonly Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.kill()))
}
