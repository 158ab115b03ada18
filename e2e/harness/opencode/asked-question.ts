import { readFile } from "node:fs/promises"
import type { Simulator } from "../shared/simulator-process.ts"
import { question, type RunOptions, runOpenCode } from "./opencode.ts"
import { CODER_MODEL } from "./opencode-session.ts"
import type { RunningOpenCode } from "./running-opencode.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { opencodeBinary } from "./with-opencode.ts"

/** What came of a question. */
export interface AskedQuestion {
  /** All that a person saw; without U+2060, which takes no space. */
  readonly screen: string
  /** `unended`: OpenCode did not end by itself. */
  readonly outcome: "answered" | "failed" | "unended"
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

/** Asks one thing by `opencode run`, with the sign-in in OpenCode's record. It takes seconds; see {@link askIn}. */
export function askQuestion(
  simulator: Simulator,
  home: ThrowawayHome,
  { text = "Hello", model, ...options }: Asking = {},
): Promise<AskedQuestion> {
  return watched(simulator, home, async () => {
    const run = await runOpenCode(opencodeBinary, home, question(text, model), options)
    return { screen: run.output, outcome: outcomeOf(run.code) }
  })
}

/** Asks one thing in an OpenCode that runs already. The screen is what all of OpenCode's interfaces are given to show. */
export function askIn(
  simulator: Simulator,
  { home, ask }: Pick<RunningOpenCode, "home" | "ask">,
  { text = "Hello", model = CODER_MODEL.modelID }: Pick<Asking, "text" | "model"> = {},
): Promise<AskedQuestion> {
  return watched(simulator, home, async () => {
    const answer = await ask(text, { ...CODER_MODEL, modelID: model })
    const shown = answer.error === undefined ? [answer.text] : [answer.text, answer.error]
    return { screen: shown.join("\n"), outcome: answer.error === undefined ? "answered" : "failed" }
  })
}

async function watched(
  simulator: Simulator,
  home: ThrowawayHome,
  ask: () => Promise<Pick<AskedQuestion, "screen" | "outcome">>,
): Promise<AskedQuestion> {
  const [asked, secrets] = await Promise.all([chatRequests(simulator), storedSecrets(home)])
  const { screen, outcome } = await ask()
  // A renewal on the way puts others there.
  secrets.push(...(await storedSecrets(home)))
  return {
    screen: screen.replaceAll("\u2060", ""),
    outcome,
    requests: (await chatRequests(simulator)) - asked,
    stackTrace: /^\s+at /m.test(screen),
    secretsShown: secrets.filter((secret) => screen.includes(secret)),
  }
}

/** @param code null when the run was ended from outside */
function outcomeOf(code: number | null): AskedQuestion["outcome"] {
  if (code === null) return "unended"
  if (code === 0) return "answered"
  if (code === 1) return "failed"
  throw new Error(`OpenCode ended with ${code}.`)
}

async function chatRequests(simulator: Simulator): Promise<number> {
  return (await simulator.chats()).length
}

/** The tokens and keys in OpenCode's record. */
async function storedSecrets(home: ThrowawayHome): Promise<string[]> {
  const secrets = (await readFile(home.authFile, "utf8")).match(/\bsk-[\w-]{8,}|[\w-]{43}/g)
  if (secrets === null) throw new Error("OpenCode's record holds no secret to look for.")
  return secrets
}
