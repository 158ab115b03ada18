/**
 * Installs the coding agents with which the gateway is tested into `.agents`. They are large (900 MB), so `npm ci` does
 * not install them; their tests are skipped without them. Does nothing when they are installed.
 *
 * npm run agents
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", ".agents")

/** The agents, each in the version with which the tests are written. Qwen Code is the newest that runs on Node 20. */
export const AGENTS = {
  claude: { name: "Claude Code", package: "@anthropic-ai/claude-code", version: "2.1.332" },
  codex: { name: "Codex", package: "@openai/codex", version: "0.171.0" },
  qwen: { name: "Qwen Code", package: "@qwen-code/qwen-code", version: "0.12.0" },
}

/**
 * The path of an agent's program, or undefined when it is not installed.
 * @param {keyof typeof AGENTS} agent
 */
export function installedAgent(agent) {
  const program = join(FOLDER, "node_modules", ".bin", agent)
  return isInstalled() && existsSync(program) ? program : undefined
}

const STAMP = join(FOLDER, "installed.json")

function isInstalled() {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === JSON.stringify(AGENTS)
}

function install() {
  if (isInstalled()) return
  process.stderr.write("Installing the coding agents into .agents …\n")
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  const wanted = Object.values(AGENTS).map((agent) => `${agent.package}@${agent.version}`)
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", FOLDER, ...wanted]
  const npm = process.env["npm_execpath"]
  // Outside the repository's workspaces: npm would install into their root otherwise.
  const options = { cwd: FOLDER, stdio: /** @type {const} */ ("inherit"), shell: !npm && process.platform === "win32" }
  const { status } = npm ? spawnSync(process.execPath, [npm, ...args], options) : spawnSync("npm", args, options)
  if (status !== 0) process.exit(status ?? 1)
  writeFileSync(STAMP, JSON.stringify(AGENTS))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install()
