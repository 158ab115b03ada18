import type { ProcessResult } from "../shared/run-process.ts"
import { openCodeInTerminal } from "./terminal.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

const DOWN = "\u001b[B"
const ENTER = "\r"

/** The endpoints that `opencode auth login` offers for a key, in the order of its list. */
const ENDPOINTS = [
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
export interface KeyInput {
  readonly key: string
  /** The choice in the list; the first by default. */
  readonly endpoint?: (typeof ENDPOINTS)[number]
  /** The address, for the last choice. */
  readonly host?: string
}

/** Signs in with a key as a user does: `opencode auth login` in a terminal, the key typed, the endpoint chosen. */
export function signInWithKey(
  home: ThrowawayHome,
  { key, endpoint = "Detect automatically", host }: KeyInput,
): Promise<ProcessResult> {
  return openCodeInTerminal(home, KEY_LOGIN, [
    { after: "API key (shown while you type", type: key + ENTER },
    { after: "Which plan and region is this key for?", type: DOWN.repeat(ENDPOINTS.indexOf(endpoint)) + ENTER },
    ...(host === undefined ? [] : [{ after: "API host or base URL", type: host + ENTER }]),
  ])
}

/** The arguments of OpenCode that start a sign-in with a key. */
export const KEY_LOGIN = ["auth", "login", "-p", "alibaba", "-m", "Model Studio API key"] as const
