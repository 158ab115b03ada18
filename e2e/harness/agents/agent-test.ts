import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect } from "vitest"
import { COMMAND, runWithInput } from "../cli/command.ts"
import { type StartedProgram, startProgram } from "../cli/start-program.ts"
import { startProxiedSimulator } from "../opencode/with-model-studio.ts"
import { REPOSITORY } from "../shared/repository.ts"
import { testWithSimulator } from "../shared/simulator-fixture.ts"
import type { Simulator, SimulatorPlan } from "../shared/simulator-process.ts"
import { AGENTS, installedAgent } from "./install.mjs"

const PRELOAD = join(REPOSITORY, "e2e", "harness", "agents", "through-proxy.mjs")

/** How an agent is run. */
interface AgentSetup {
  readonly agent: keyof typeof AGENTS
  /** The plan of the key with which the user is signed in. */
  readonly plan: SimulatorPlan
  /** The agent's arguments for a question without its interface. */
  readonly question: readonly string[]
  /** The endpoint that the agent uses: its name in the simulator's scenario, and its path. */
  readonly endpoint: { readonly name: string; readonly path: string }
  /** Variables that keep the agent off the network. */
  readonly env?: Readonly<Record<string, string>>
  /** The agent's own files, by their path in the home folder. */
  readonly files?: Readonly<Record<string, string>>
  /** The command in front of the agent, for example `env`. */
  readonly before?: readonly string[]
}

/** The home of a user who is signed in with a key, and the agent in it. */
interface AgentHome {
  /** The agent's working folder. */
  readonly project: string
  /** Starts the agent by `qwen-auth exec`. */
  start(...args: string[]): StartedProgram
  /** Runs the agent until it ends by itself without an error, and returns what it printed. */
  answer(...args: string[]): Promise<string>
}

/**
 * Describes a real agent, which reaches the simulator under the real names of Qwen's hosts and nothing else. The suite is skipped when the
 * agent is not installed.
 */
export function describeAgent(setup: AgentSetup, tests: (it: ReturnType<typeof testWithAgent>) => void): void {
  const { name, version } = AGENTS[setup.agent]
  const missing = installedAgent(setup.agent) === undefined
  const hint = missing ? " (not installed; run: npm run agents)" : ""
  const it = testWithAgent(setup)
  describe.skipIf(missing)(`${name} ${version} through qwen-auth exec${hint}`, () => {
    tests(it)

    it("ends with Ctrl-C and cancels its request", async ({ home, simulator }) => {
      const { name: endpoint, path } = setup.endpoint
      await simulator.control("scenario", { answers: { [endpoint]: { standing: { pass: true, delayMs: 600_000 } } } })
      const { child, ended } = home.start(...setup.question)
      const waiting = async () => (await simulator.log()).filter(({ status }) => status === undefined)
      const left = async () =>
        (await waiting()).filter((request) => request.path.endsWith(path)).map(({ left }) => left)
      await expect.poll(left).not.toEqual([])
      child.kill("SIGINT")
      expect([0, 1, 130]).toContain(await ended)
      await expect.poll(left).not.toContain(false)
    })
  })
}

function testWithAgent(setup: AgentSetup) {
  return testWithSimulator(startProxiedSimulator).extend<{ home: AgentHome }>({
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

/** The pieces of text in the output of an agent that prints its stream as JSON. */
export function textPieces(events: string): (string | undefined)[] {
  return [...events.matchAll(/"text_delta","text":"([^"]*)"/g)].map(([, text]) => text)
}
