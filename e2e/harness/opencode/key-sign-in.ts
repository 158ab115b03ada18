import type { ProcessResult } from "../shared/run-process.ts"
import { runInTerminal } from "./terminal.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { opencodeBinary } from "./with-opencode.ts"

const DOWN = "\u001b[B"
const ENTER = "\r"

/** The places that `opencode auth login` offers for a key, as they stand in the list; the first is found out. */
const PLACES = [
  "Detect automatically",
  "Coding Plan (international)",
  "Coding Plan (China)",
  "Token Plan (international)",
  "Token Plan (China)",
  "Pay as you go (international)",
  "Pay as you go (China)",
  "Pay as you go (US)",
  "Pay as you go (Hong Kong)",
  "The API address that the console shows",
] as const

/** The user's input for a sign-in with a key. */
export interface KeyEntered {
  readonly key: string
  /** Chosen in the list; found out when absent. */
  readonly place?: (typeof PLACES)[number]
  /** The address, for the last choice. */
  readonly host?: string
}

/** Signs in with a key as a person does: `opencode auth login` in a terminal, the key typed, the place chosen. */
export function signInWithKey(
  home: ThrowawayHome,
  { key, place = "Detect automatically", host }: KeyEntered,
): Promise<ProcessResult> {
  const command = `'${opencodeBinary}' auth login -p alibaba -m 'Model Studio API key'`
  return runInTerminal(command, home, [
    { after: "API key (shown while you type", type: key + ENTER },
    { after: "Which plan and region is this key for?", type: DOWN.repeat(PLACES.indexOf(place)) + ENTER },
    ...(host === undefined ? [] : [{ after: "API host or base URL", type: host + ENTER }]),
  ])
}
