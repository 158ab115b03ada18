import { setTimeout } from "node:timers/promises"
import type { Simulator } from "../harness/shared/simulator-process.ts"
import type { Narrator } from "./narrator.ts"

/** What both ways of playing the main job share. */
export interface Stage {
  readonly simulator: Simulator
  readonly tell: Narrator
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal
  /** The person approves, not the program. */
  readonly manual: boolean
}

/** Something did not go as it must; the message says what. */
export class StageFailed extends Error {}

/** A person reads before approving, and one who watches can follow. */
const READING_MS = 1_500

/** Lets the person approve, or does it on the approval page after a moment. */
export async function approve(stage: Stage, userCode: string): Promise<void> {
  if (stage.manual) {
    stage.tell.note(`Now open that address, check the code ${userCode} and press Approve.`)
    return
  }
  stage.tell.note("Approving on that page, as you would …")
  await setTimeout(READING_MS, undefined, { signal: stage.signal })
  await stage.simulator.press("approve", userCode)
}

/** Checks that exactly one refresh reached the server. */
export async function expectOneRefresh({ simulator, tell }: Stage): Promise<void> {
  const refreshes = await simulator.refreshes()
  if (refreshes !== 1) throw new StageFailed(`Expected one refresh at the server, saw ${refreshes}.`)
  tell.note("The token was renewed on the way: one refresh reached the server, and nobody had to do anything.")
}
