import { readFile } from "node:fs/promises"
import type { Simulator } from "../shared/simulator-process.ts"
import { question, type RunOptions, runOpenCode } from "./opencode.ts"
import { CODER_MODEL } from "./opencode-session.ts"
import type { RunningOpenCode } from "./running-opencode.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** The result of a question. */
export interface QuestionResult {
  /** All text that the user saw, without U+2060, which is invisible. */
  readonly screen: string
  /** `unended`: OpenCode had to be killed. */
  readonly outcome: "answered" | "failed" | "unended"
  /** The number of chat requests that reached the simulator. */
  readonly requests: number
  readonly stackTrace: boolean
  /** Tokens and keys that the user saw. There must be none. */
  readonly secretsShown: readonly string[]
}

/** OpenCode ended by itself with an answer. */
export const ANSWERED = { outcome: "answered", stackTrace: false, secretsShown: [] }
/** OpenCode ended by itself with a readable error. Its own retries would take longer than a question may. */
export const FAILED = { outcome: "failed", stackTrace: false, secretsShown: [] }

/** Options of a question. */
interface QuestionOptions extends RunOptions {
  readonly text?: string
  readonly model?: string
}

/** Asks a question with `opencode run`, which takes several seconds; {@link askIn} is faster. */
export function askQuestion(
  simulator: Simulator,
  home: ThrowawayHome,
  { text = "Hello", model, ...options }: QuestionOptions = {},
): Promise<QuestionResult> {
  return observe(simulator, home, async () => {
    const run = await runOpenCode(home, question(text, model), options)
    return { screen: run.output, outcome: outcomeOf(run.code) }
  })
}

/** Asks a question in a running OpenCode. `screen` is the text that OpenCode gives to its user interfaces. */
export function askIn(
  simulator: Simulator,
  { home, ask }: Pick<RunningOpenCode, "home" | "ask">,
  { text = "Hello" }: Pick<QuestionOptions, "text"> = {},
): Promise<QuestionResult> {
  return observe(simulator, home, async () => {
    const answer = await ask(text, CODER_MODEL)
    const shown = answer.error === undefined ? [answer.text] : [answer.text, answer.error]
    return { screen: shown.join("\n"), outcome: answer.error === undefined ? "answered" : "failed" }
  })
}

async function observe(
  simulator: Simulator,
  home: ThrowawayHome,
  ask: () => Promise<Pick<QuestionResult, "screen" | "outcome">>,
): Promise<QuestionResult> {
  const [before, secrets] = await Promise.all([simulator.chats(), storedSecrets(home)])
  const { screen, outcome } = await ask()
  // A refresh may have stored new secrets.
  secrets.push(...(await storedSecrets(home)))
  return {
    screen: screen.replaceAll("\u2060", ""),
    outcome,
    requests: (await simulator.chats()).length - before.length,
    stackTrace: /^\s+at /m.test(screen),
    secretsShown: secrets.filter((secret) => screen.includes(secret)),
  }
}

/** @param code `null` when the process was killed */
function outcomeOf(code: number | null): QuestionResult["outcome"] {
  if (code === null) return "unended"
  if (code === 0) return "answered"
  if (code === 1) return "failed"
  throw new Error(`OpenCode ended with ${code}.`)
}

/** The tokens and keys in OpenCode's record. */
async function storedSecrets(home: ThrowawayHome): Promise<string[]> {
  const secrets = (await readFile(home.authFile, "utf8")).match(/\bsk-[\w-]{8,}|[\w-]{43}/g)
  if (secrets === null) throw new Error("OpenCode's record holds no secret to look for.")
  return secrets
}
