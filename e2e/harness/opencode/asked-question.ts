import { readFile } from "node:fs/promises"
import type { Simulator } from "../shared/simulator-process.ts"
import { question, type RunOptions, runOpenCode } from "./opencode.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { opencodeBinary } from "./with-opencode.ts"

/** OpenCode's own tries take longer: a run that makes them all is ended, and its exit code is null. */
const TIMEOUT_MS = 40_000

/** What came of a question. */
export interface AskedQuestion {
  /** All that a person saw; without U+2060, which takes no space. */
  readonly screen: string
  /** Null: OpenCode did not end by itself. */
  readonly code: number | null
  /** The chat requests that reached the simulator. */
  readonly requests: number
  readonly stackTrace: boolean
  /** Tokens and keys that a person saw: there must be none. */
  readonly secretsShown: readonly string[]
}

/** What differs from the usual question. */
interface Asking extends RunOptions {
  readonly text?: string
  readonly model?: string
}

/** Asks the real OpenCode one thing, with the sign-in in its record. */
export async function askQuestion(
  simulator: Simulator,
  home: ThrowawayHome,
  { text = "Hello", model, ...options }: Asking = {},
): Promise<AskedQuestion> {
  const [asked, secrets] = await Promise.all([chatRequests(simulator), storedSecrets(home)])
  const args = question(text, model)
  const { output, code } = await runOpenCode(opencodeBinary, home, args, { timeoutMs: TIMEOUT_MS, ...options })
  // A renewal on the way puts others there.
  secrets.push(...(await storedSecrets(home)))
  return {
    screen: output.replaceAll("\u2060", ""),
    code,
    requests: (await chatRequests(simulator)) - asked,
    stackTrace: /^\s+at /m.test(output),
    secretsShown: secrets.filter((secret) => output.includes(secret)),
  }
}

async function chatRequests(simulator: Simulator): Promise<number> {
  return (await simulator.log()).filter(({ path }) => path.endsWith("/chat/completions")).length
}

/** The tokens and keys in OpenCode's record. */
async function storedSecrets(home: ThrowawayHome): Promise<string[]> {
  const secrets = (await readFile(home.authFile, "utf8")).match(/\bsk-[\w-]{8,}|[\w-]{43}/g)
  if (secrets === null) throw new Error("OpenCode's record holds no secret to look for.")
  return secrets
}
