/**
 * Prepares a fresh clone with only Node and npm: installs from the lockfile when the installation is older, and builds when a source
 * has changed. Uses only Node's built-in modules, because it runs before anything is installed.
 *
 * node scripts/set-up.mjs [--install-only]
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const stamp = join(root, "node_modules", ".cache", "qwen-sign-in", "built-from")
const outputs = [
  "packages/core/dist/index.js",
  "packages/core/dist/internal.js",
  "packages/opencode/dist/index.js",
  "packages/alma/dist/qwen-auth/main.js",
  "packages/cli/dist/qwen-auth.js",
  "packages/simulator/dist/qwen-simulator.js",
  "e2e/dist/main-job.js",
]

/** Folders that the build does not read. */
const NOT_BUILT = ["dist", "node_modules", "testing", "test-host", "test-support"]

refuseOldNode()
installIfOutdated()
if (!process.argv.includes("--install-only")) buildIfChanged()

function refuseOldNode() {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const oldest = engines.node.replace(">=", "")
  if (process.versions.node.localeCompare(oldest, "en", { numeric: true }) >= 0) return
  fail(`Node ${process.versions.node} is too old for this project. Install Node ${oldest} or newer.`)
}

function installIfOutdated() {
  // npm writes the hidden lockfile when it has finished installing.
  const installed = modifiedAt("node_modules/.package-lock.json")
  if (installed >= modifiedAt("package-lock.json")) return
  print("Installing the pinned dependencies, including OpenCode (only once, about a minute) …")
  run("npm ci", ["ci", "--no-audit", "--no-fund", "--loglevel=error"])
}

function buildIfChanged() {
  const source = fingerprint()
  const current = existsSync(stamp) && readFileSync(stamp, "utf8") === source
  if (current && outputs.every((file) => existsSync(join(root, file)))) return
  print("Building …")
  run("The build", ["exec", "--no", "--", "tsdown", "--log-level=error"], "pipe")
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, source)
}

/** A hash of all files that the build reads. */
function fingerprint() {
  const hash = createHash("sha256")
  const roots = ["packages", "e2e/harness", "e2e/main-job"]
  const files = roots.flatMap(sourceFiles).sort()
  for (const file of [...files, "package-lock.json", "tsconfig.json", "tsdown.config.ts"]) {
    hash.update(`${file}\0`).update(readFileSync(join(root, file)))
  }
  return hash.digest("hex")
}

/** @param {string} folder @returns {string[]} */
function sourceFiles(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return NOT_BUILT.includes(entry.name) ? [] : sourceFiles(path)
    return /(?<!\.test)\.ts$|(package|manifest)\.json$/.test(entry.name) ? [path] : []
  })
}

/** @param {string} file @returns {number} epoch ms, or -1 when the file does not exist */
function modifiedAt(file) {
  const path = join(root, file)
  return existsSync(path) ? statSync(path).mtimeMs : -1
}

/**
 * @param {string} what the name of the step in the error message
 * @param {string[]} args the arguments of npm
 * @param {"inherit" | "pipe"} output show the output immediately, or only when the command fails
 */
function run(what, args, output = "inherit") {
  /** @type {import("node:child_process").StdioOptions} */
  const stdio = output === "inherit" ? ["ignore", 2, 2] : "pipe"
  // Under `npm run`, npm_execpath is npm's script. Otherwise, only a shell can start `npm` on Windows, where it is a command file.
  const npm = process.env["npm_execpath"]
  const options = { cwd: root, stdio, shell: !npm && process.platform === "win32" }
  const result = npm ? spawnSync(process.execPath, [npm, ...args], options) : spawnSync("npm", args, options)
  if (result.status === 0) return
  print(`${result.stdout ?? ""}${result.stderr ?? ""}`)
  fail(`${what} failed. See the output above.`)
}

/** @param {string} text */
function print(text) {
  process.stderr.write(`${text}\n`)
}

/** @param {string} text @returns {never} */
function fail(text) {
  print(text)
  process.exit(1)
}
