import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import * as v from "valibot"
import { killTree } from "./run-process.ts"

const PROGRAM = fileURLToPath(new URL("../../packages/simulator/dist/qwen-simulator.js", import.meta.url))
const START_TIMEOUT_MS = 20_000

const LoggedRequest = v.object({
  method: v.string(),
  path: v.string(),
  headers: v.record(v.string(), v.unknown()),
  body: v.unknown(),
})
/** A request as the simulator saw it. */
export type LoggedRequest = v.InferOutput<typeof LoggedRequest>

/** Qwen on loopback, a process of its own. */
export interface Simulator {
  readonly origin: string
  /** Where the plugin finds it. */
  readonly env: { readonly QWEN_OAUTH_BASE_URL: string; readonly QWEN_API_BASE_URL: string }
  /** Calls one of its `/_sim/` switches with a JSON document. */
  control(name: string, document?: unknown): Promise<void>
  /** Presses a button of the approval page, as a browser without JavaScript does. */
  press(button: "approve" | "deny", userCode: string): Promise<void>
  /** Every request so far. */
  log(): Promise<LoggedRequest[]>
  /** How many refreshes reached it. */
  refreshes(): Promise<number>
  stop(): void
}

/** Starts the built simulator on a free port. */
export async function startSimulator(): Promise<Simulator> {
  const child = spawn(process.execPath, [PROGRAM, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: process.platform !== "win32",
  })
  const stop = () => killTree(child)
  try {
    const origin = await readyOrigin(child.stdout)
    return simulatorAt(origin, stop)
  } catch (error) {
    stop()
    throw error
  }
}

async function readyOrigin(output: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input: output, signal: AbortSignal.timeout(START_TIMEOUT_MS) })
  for await (const line of lines) {
    return v.parse(v.pipe(v.string(), v.parseJson(), v.object({ origin: v.pipe(v.string(), v.url()) })), line).origin
  }
  throw new Error("The simulator ended before it was ready.")
}

function simulatorAt(origin: string, stop: () => void): Simulator {
  const log = async () => {
    const response = await fetch(`${origin}/_sim/log`)
    return v.parse(v.array(LoggedRequest), await response.json())
  }
  return {
    origin,
    env: { QWEN_OAUTH_BASE_URL: origin, QWEN_API_BASE_URL: `${origin}/v1` },
    async control(name, document = {}) {
      const response = await fetch(`${origin}/_sim/${name}`, { method: "POST", body: JSON.stringify(document) })
      if (!response.ok) throw new Error(`/_sim/${name}: HTTP ${response.status} ${await response.text()}`)
    },
    async press(decision, userCode) {
      const body = new URLSearchParams({ user_code: userCode, decision })
      const response = await fetch(`${origin}/authorize`, { method: "POST", body })
      if (!response.ok) throw new Error(`The approval page answered HTTP ${response.status}.`)
    },
    log,
    refreshes: async () => (await log()).filter(isRefresh).length,
    stop,
  }
}

function isRefresh({ path, body }: LoggedRequest): boolean {
  const form = v.safeParse(v.object({ grant_type: v.literal("refresh_token") }), body)
  return path.endsWith("/oauth2/token") && form.success
}
