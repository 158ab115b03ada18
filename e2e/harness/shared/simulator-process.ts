import { spawn } from "node:child_process"
import { join } from "node:path"
import { createInterface } from "node:readline"
import * as v from "valibot"
import { REPOSITORY } from "./repository.ts"
import { killTree } from "./run-process.ts"

const PROGRAM = join(REPOSITORY, "packages", "simulator", "dist", "qwen-simulator.js")
const START_TIMEOUT_MS = 60_000

const LoggedRequest = v.object({
  /** Epoch ms. */
  time: v.number(),
  method: v.string(),
  /** The host name of the request. */
  host: v.string(),
  /** Whether it was sent through the proxy. */
  proxied: v.optional(v.boolean(), false),
  path: v.string(),
  headers: v.record(v.string(), v.unknown()),
  body: v.unknown(),
  /** `undefined` when the client disconnected before the response. */
  status: v.optional(v.number()),
  /** Whether the connection closed before the end of the response. */
  left: v.optional(v.boolean(), false),
})
/** A request in the simulator's log. */
export type LoggedRequest = v.InferOutput<typeof LoggedRequest>

/** The simulator's name of a plan. */
export type SimulatorPlan = "coding" | "token" | "payg"

/** A simulator of Qwen on loopback. */
export interface Simulator {
  readonly origin: string
  /** The variables with which the plugin finds it. */
  readonly env: { readonly QWEN_OAUTH_BASE_URL: string; readonly QWEN_API_BASE_URL: string }
  /** The variables that lead a process to it under the real host names. Empty unless it was started with a proxy. */
  readonly proxyEnv: Readonly<Record<string, string>>
  /** Sends a JSON document to one of its `/_sim/` endpoints and returns the response. */
  control(name: string, document?: unknown): Promise<unknown>
  /** Creates an API key for a plan. */
  apiKey(plan: SimulatorPlan, options?: { region?: string; workspace?: string }): Promise<ApiKey>
  /** Presses a button on the approval page, as a browser without JavaScript does. */
  press(button: "approve" | "deny", userCode: string): Promise<void>
  /** All requests so far. When several tests share the simulator, those since this test began. */
  log(): Promise<LoggedRequest[]>
  /** The chat requests in the log, without those that only check a key. */
  chats(): Promise<LoggedRequest[]>
  /** The number of refresh requests in the log. */
  refreshes(): Promise<number>
}

/** A simulator in its own process. */
export interface SimulatorProcess extends Simulator {
  /**
   * The same simulator for another test, with its initial scenario and an empty log. Sign-ins and keys stay valid, so a running program
   * can go on.
   */
  forNextTest(): Promise<Simulator>
  stop(): void
}

const ApiKey = v.object({ key: v.string(), host: v.string(), base_url: v.string() })
/** A Model Studio key and its endpoint. */
export type ApiKey = v.InferOutput<typeof ApiKey>

/**
 * Starts the built simulator on a free port.
 * @param certificate the absolute path for the proxy's certificate; without it, no proxy is started
 */
export async function startSimulator(certificate?: string): Promise<SimulatorProcess> {
  const proxy = certificate === undefined ? [] : ["--proxy-port", "0", "--certificate", certificate]
  const child = spawn(process.execPath, [PROGRAM, "--port", "0", ...proxy], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: process.platform !== "win32",
  })
  const stop = () => killTree(child)
  try {
    const address = { ...(await readyLine(child.stdout)), certificate }
    const simulator = simulatorAt(address, 0)
    const atStart = await simulator.scenario()
    return {
      ...simulator,
      async forNextTest() {
        await simulator.control("scenario", atStart)
        return simulatorAt(address, (await simulator.log()).length)
      },
      stop,
    }
  } catch (error) {
    stop()
    throw error
  }
}

const Ready = v.object({ origin: v.pipe(v.string(), v.url()), proxy: v.optional(v.string()) })

async function readyLine(output: NodeJS.ReadableStream): Promise<v.InferOutput<typeof Ready>> {
  const lines = createInterface({ input: output, signal: AbortSignal.timeout(START_TIMEOUT_MS) })
  for await (const line of lines) return v.parse(v.pipe(v.string(), v.parseJson(), Ready), line)
  throw new Error("The simulator ended before it was ready.")
}

interface Address extends v.InferOutput<typeof Ready> {
  readonly certificate: string | undefined
}

/** @param before the number of log entries to skip */
function simulatorAt({ origin, proxy, certificate }: Address, before: number) {
  const read = async (name: string): Promise<unknown> => (await fetch(`${origin}/_sim/${name}`)).json()
  const log = async () => v.parse(v.array(LoggedRequest), await read("log")).slice(before)
  const control = async (name: string, document: unknown = {}): Promise<unknown> => {
    const response = await fetch(`${origin}/_sim/${name}`, { method: "POST", body: JSON.stringify(document) })
    if (!response.ok) throw new Error(`/_sim/${name}: HTTP ${response.status} ${await response.text()}`)
    return response.json()
  }
  return {
    origin,
    env: { QWEN_OAUTH_BASE_URL: origin, QWEN_API_BASE_URL: `${origin}/v1` },
    proxyEnv:
      proxy === undefined || certificate === undefined
        ? {}
        : { HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: certificate, NO_PROXY: "127.0.0.1,localhost" },
    control,
    scenario: () => read("scenario"),
    apiKey: async (plan: SimulatorPlan, options: { region?: string; workspace?: string } = {}) =>
      v.parse(ApiKey, await control("api-key", { plan, ...options })),
    async press(decision: "approve" | "deny", userCode: string) {
      const body = new URLSearchParams({ user_code: userCode, decision })
      const response = await fetch(`${origin}/authorize`, { method: "POST", body })
      if (!response.ok) throw new Error(`The approval page answered HTTP ${response.status}.`)
    },
    log,
    chats: async () => (await log()).filter((request) => isChat(request) && !isKeyCheck(request)),
    refreshes: async () => (await log()).filter(isRefresh).length,
  }
}

/** Whether a logged request asks for a chat. */
export function isChat({ path }: LoggedRequest): boolean {
  return path.endsWith("/chat/completions")
}

function isKeyCheck({ body }: LoggedRequest): boolean {
  return v.is(v.object({ model: v.literal("no-such-model-key-check") }), body)
}

function isRefresh({ path, body }: LoggedRequest): boolean {
  const form = v.safeParse(v.object({ grant_type: v.literal("refresh_token") }), body)
  return path.endsWith("/oauth2/token") && form.success
}
