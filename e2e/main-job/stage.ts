import { setTimeout } from "node:timers/promises"
import type { Simulator } from "../harness/shared/simulator-process.ts"
import type { Narrator } from "./narrator.ts"

/** The environment of the main job, with OpenCode and with the library alone. */
export interface Stage {
  readonly simulator: Simulator
  readonly print: Narrator
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal
  /** Whether the user approves the sign-in, instead of the program. */
  readonly manual: boolean
}

/** The main job failed. The message says why. */
export class StageFailed extends Error {}

/** Time before the automatic approval, so that a viewer can follow. */
const READING_MS = 1_500

/** Waits for the user to approve, or approves on the approval page after {@link READING_MS}. */
export async function approve(stage: Stage, userCode: string): Promise<void> {
  if (stage.manual) {
    stage.print.note(`Open this URL, check the code ${userCode} and press Approve.`)
    return
  }
  stage.print.note("Approving on this page, as a user would …")
  await setTimeout(READING_MS, undefined, { signal: stage.signal })
  await stage.simulator.press("approve", userCode)
}

/** Checks that exactly one refresh reached the server. */
export async function expectOneRefresh({ simulator, print }: Stage): Promise<void> {
  const refreshes = await simulator.refreshes()
  if (refreshes !== 1) throw new StageFailed(`Expected one refresh at the server, but there were ${refreshes}.`)
  print.note("The expired token was refreshed automatically: exactly one refresh reached the server.")
}
