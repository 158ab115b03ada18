import { readFile, writeFile } from "node:fs/promises"
import * as v from "valibot"
import { BUILT_PLUGIN, question, runOpenCode, SIGN_IN, signIn } from "../harness/opencode/opencode.ts"
import { createThrowawayHome, type ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import type { ProcessResult } from "../harness/shared/run-process.ts"
import { approve, expectOneRefresh, type Stage, StageFailed } from "./stage.ts"

const FIRST = "Hello! Who are you?"
const SECOND = "What is 6 times 7?"
/** Time for the user to approve. */
const MANUAL_TIMEOUT_MS = 15 * 60_000

/** Runs the main job in the real OpenCode. */
export async function runWithOpenCode(stage: Stage): Promise<void> {
  const home = await createThrowawayHome({ plugin: BUILT_PLUGIN, env: stage.simulator.env })
  try {
    await showSignIn(stage, home)
    await ask(stage, home, FIRST)
    stage.print.step("Six hours later: the access token has expired, here and at the server")
    await expireToken(stage, home)
    await ask(stage, home, SECOND)
    await expectOneRefresh(stage)
  } finally {
    await home.remove()
  }
}

async function showSignIn(stage: Stage, home: ThrowawayHome): Promise<void> {
  stage.print.step(`Signing in: ${command(SIGN_IN)}`)
  const result = await signIn(home, (userCode) => approve(stage, userCode), {
    onOutput: withoutSpinner(stage.print.screen),
    signal: stage.signal,
    ...(stage.manual ? { timeoutMs: MANUAL_TIMEOUT_MS } : {}),
  })
  expectSuccess(result, /Login successful/)
}

async function ask(stage: Stage, home: ThrowawayHome, text: string): Promise<void> {
  const args = question(text)
  stage.print.step(`Asking: ${command(args.slice(0, 3))}`)
  const { screen } = stage.print
  expectSuccess(await runOpenCode(home, args, { onOutput: screen, signal: stage.signal }), /\w/)
}

function expectSuccess(result: ProcessResult, expected: RegExp): void {
  if (result.code === 0 && expected.test(result.stdout)) return
  throw new StageFailed(`OpenCode ended with status ${result.code} without an answer. See its output above.`)
}

/** Sets the expiry of both stored records to the past and makes the server refuse the token. */
async function expireToken(stage: Stage, home: ThrowawayHome): Promise<void> {
  const json = v.pipe(v.string(), v.parseJson())
  const past = Date.now() - 1000
  const token = v.parse(v.pipe(json, v.looseObject({})), await readFile(home.tokenFile, "utf8"))
  const record = v.looseObject({ alibaba: v.looseObject({}) })
  const auth = v.parse(v.pipe(json, record), await readFile(home.authFile, "utf8"))
  await writeFile(home.tokenFile, JSON.stringify({ ...token, expiry_date: past }))
  await writeFile(home.authFile, JSON.stringify({ ...auth, alibaba: { ...auth.alibaba, expires: past } }))
  await stage.simulator.control("expire-tokens")
}

function command(args: readonly string[]): string {
  return ["opencode", ...args.map((arg) => (/[\s!?()]/.test(arg) ? `"${arg}"` : arg))].join(" ")
}

/** Removes repeated spinner frames from a program's output. They overwrite each other only on a terminal. */
function withoutSpinner(pass: (text: string) => void): (text: string) => void {
  let shown = false
  return (text) => {
    const frame = /^[◒◐◓◑]\s+(.*?)\.*$/.exec(text)
    if (frame === null) {
      if (text !== "") pass(text)
    } else if (!shown) {
      shown = true
      pass(`◒  ${frame[1]} …\n`)
    }
  }
}
