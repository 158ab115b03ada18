import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"
import { COMMAND, runWithInput } from "../cli/command.ts"
import { type StartedCommand, startProgram } from "../gateway/command.ts"
import { startProxiedSimulator } from "../opencode/with-model-studio.ts"
import { REPOSITORY } from "../shared/repository.ts"
import type { Simulator, SimulatorProcess } from "../shared/simulator-process.ts"
import { AGENTS, installedAgent } from "./install.mjs"

const PRELOAD = join(REPOSITORY, "e2e", "harness", "agents", "through-proxy.mjs")

/** How an agent is run. */
interface AgentSetup {
  readonly agent: keyof typeof AGENTS
  /** The plan of the key with which the user is signed in. */
  readonly plan: "coding" | "token" | "payg"
  /** Variables that keep the agent off the network. */
  readonly env?: Readonly<Record<string, string>>
  /** The agent's own files, by their path in the home folder. */
  readonly files?: Readonly<Record<string, string>>
  /** What stands before the agent, for example `env`. */
  readonly before?: readonly string[]
}

/** The home of someone who is signed in with a key, and the agent in it. */
export interface AgentHome {
  /** The agent's working folder. */
  readonly project: string
  /** Starts the agent by `qwen-auth exec`. */
  start(...args: string[]): StartedCommand
  /** Runs it until it ends by itself without an error, and returns what it printed. */
  answer(...args: string[]): Promise<string>
}

interface Fixtures {
  $file: { simulatorOfFile: SimulatorProcess }
  $test: { simulator: Simulator; home: AgentHome }
}

/** The title of an agent's tests, and whether they are skipped because it is not installed. */
export function agentSuite(agent: keyof typeof AGENTS): { readonly title: string; readonly missing: boolean } {
  const { name, version } = AGENTS[agent]
  const missing = installedAgent(agent) === undefined
  const title = `${name} ${version} through qwen-auth exec`
  return { title: missing ? `${title} (not installed; run: npm run agents)` : title, missing }
}

/** A test with a real agent, which reaches the simulator under the real names of Qwen's hosts and nothing else. */
export function testWithAgent(setup: AgentSetup) {
  return test.extend<Fixtures>({
    simulatorOfFile: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
      async ({}, use) => {
        const simulator = await startProxiedSimulator()
        await use(simulator)
        simulator.stop()
      },
      { scope: "file" },
    ],
    simulator: ({ simulatorOfFile }, use) => simulatorOfFile.forNextTest().then(use),
    home: async ({ simulator }, use) => {
      const folder = await mkdtemp(join(tmpdir(), "qwen-auth-agent-"))
      await use(await agentHome(folder, simulator, setup))
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  })
}

async function agentHome(folder: string, simulator: Simulator, setup: AgentSetup): Promise<AgentHome> {
  const project = join(folder, "project")
  const temporary = join(folder, "tmp")
  await mkdir(project)
  await mkdir(temporary)
  for (const [path, content] of Object.entries(setup.files ?? {})) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    TMPDIR: temporary,
    ...simulator.proxyEnv,
    ...setup.env,
  }
  const command = ["--import", PRELOAD, COMMAND]
  const { key } = await simulator.apiKey(setup.plan)
  const login = await runWithInput(process.execPath, [...command, "login", "--key-stdin"], key, folder, env)
  expect(login.code, login.output).toBe(0)
  const program = [...(setup.before ?? []), installedAgent(setup.agent) ?? setup.agent]
  const start = (...args: string[]) =>
    startProgram(process.execPath, [...command, "exec", "--", ...program, ...args], { cwd: project, env })
  return {
    project,
    start,
    async answer(...args) {
      const { ended, output } = start(...args)
      expect(await ended, output.stderr + output.stdout).toBe(0)
      return output.stdout
    },
  }
}

/** An answer that comes when the test has long ended. */
export const HELD_BACK = { pass: true, delayMs: 600_000 }

/** Waits until the service holds a request back. */
export async function expectAsked(simulator: Simulator, path: string): Promise<void> {
  await expect.poll(async () => (await heldBack(simulator, path)).length).toBeGreaterThan(0)
}

/** Waits until the service has seen the client of every request that it holds back leave. */
export async function expectCancelled(simulator: Simulator, path: string): Promise<void> {
  await expect.poll(async () => (await heldBack(simulator, path)).map(({ left }) => left)).not.toContain(false)
}

async function heldBack(simulator: Simulator, path: string) {
  const log = await simulator.log()
  return log.filter((request) => request.path.endsWith(path) && request.status === undefined)
}

/** 12 × 8 pixels. */
export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAICAIAAABChommAAAAD0lEQVR4nGM4QARgGFUEAOhs2AEzESXxAAAAAElFTkSuQmCC",
  "base64",
)
