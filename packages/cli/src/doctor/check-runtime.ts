import { existsSync } from "node:fs"
import {
  CODING_PLAN,
  fieldsOf,
  isPlanKey,
  normalizeApiKey,
  PAY_AS_YOU_GO,
  parseJsonText,
  readTextFile,
  silentLogger,
  TOKEN_PLAN,
} from "qwen-auth-core/internal"
import { CONFIG_ENTRIES, quotedNames, unknownEntries } from "qwen-auth-local/auth-config"
import { CHOICES } from "qwen-auth-local/credentials-choice"
import { environmentKey } from "qwen-auth-local/environment-key"
import { syntaxErrorPosition } from "qwen-auth-local/json-syntax"
import { variable, type World } from "../world.ts"
import { type Check, type Finding, note, ok, problem, unreadable } from "./finding.ts"

/** The oldest version of Node.js that works. */
const OLDEST = "20.19.0"

/** Checks the version of Node.js. */
export const checkRuntime: Check = async ({ world }) => {
  const { nodeVersion } = world
  if (nodeVersion.localeCompare(OLDEST, "en", { numeric: true }) >= 0) return [ok("runtime", `Node.js ${nodeVersion}`)]
  return [problem("runtime", `Node.js ${nodeVersion} is too old.`, `Install Node.js ${OLDEST} or newer.`)]
}

/** Checks the variables of the environment that contradict a sign-in or make it unsafe. */
export const checkVariables: Check = async ({ world }) => {
  const found = [...planKeys(world), ...hostVariables(world), ...certificateVariables(world)]
  return found.length > 0 ? found : [ok("variables", "No variable contradicts the sign-in.")]
}

function planKeys(world: World): Finding[] {
  const used = environmentKey(world.sources.environment, silentLogger)
  if (used === undefined || used.ignored.length === 0) return []
  const names = used.ignored.join(", ")
  return [
    problem(
      "variables",
      `${used.variable} and ${names} hold different keys. ${used.variable} is used.`,
      "Remove those that you do not want.",
    ),
  ]
}

function hostVariables(world: World): Finding[] {
  const found: Finding[] = []
  const { environmentVariable } = PAY_AS_YOU_GO
  if (isPlanKey(normalizeApiKey(variable(world, environmentVariable) ?? "")))
    found.push(
      problem(
        "variables",
        `${environmentVariable} holds a plan's key (sk-sp-…), which OpenCode sends to pay as you go.`,
        `Use ${CODING_PLAN.environmentVariable} or ${TOKEN_PLAN.environmentVariable}, or run: qwen-auth login --key`,
      ),
    )
  if (variable(world, "OPENCODE_AUTH_CONTENT") !== undefined)
    found.push(
      problem(
        "variables",
        "OPENCODE_AUTH_CONTENT replaces OpenCode's record of sign-ins.",
        "Remove the variable if OpenCode says that you are not signed in.",
      ),
    )
  return found
}

function certificateVariables(world: World): Finding[] {
  const found: Finding[] = []
  if (variable(world, "NODE_TLS_REJECT_UNAUTHORIZED") === "0")
    found.push(
      problem(
        "TLS",
        "NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check of certificates: anyone in the network can read the sign-in.",
        "Remove it. If your company inspects traffic, set NODE_EXTRA_CA_CERTS to its certificate file.",
      ),
    )
  const file = variable(world, "NODE_EXTRA_CA_CERTS")
  if (file !== undefined && !existsSync(file))
    found.push(
      problem("TLS", "The file in NODE_EXTRA_CA_CERTS does not exist.", "Correct the path, or remove the variable."),
    )
  return found
}

/** Checks the file with the user's own settings. */
export const checkAuthConfig: Check = async ({ signIn }) => {
  const path = signIn.settings.authConfigFile
  try {
    const text = await readTextFile(path)
    const position = syntaxErrorPosition(text)
    if (position === undefined) return settings(path, parseJsonText(text))
    const where = `line ${position.line}, column ${position.column}`
    return [problem("settings", `${path} is not valid JSON (${where}) and is ignored.`, "Correct or remove that file.")]
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return []
    return [unreadable("settings", path, error)]
  }
}

/** The entries that are on or off. */
const SWITCHES = CONFIG_ENTRIES.filter((name) => name !== "credentials")

/** Finds what is ignored in the settings. A value is not shown, because it may be a key in the wrong place. */
function settings(path: string, value: unknown): Finding[] {
  const entries = fieldsOf(value)
  if (entries === undefined)
    return [problem("settings", `${path} is not a JSON object and is ignored.`, "Correct or remove that file.")]
  const found: Finding[] = []
  const unknown = unknownEntries(entries)
  if (unknown.length > 0) {
    const message = `${path} has unknown entries, which are ignored: ${quotedNames(unknown)}.`
    found.push(problem("settings", message, "Correct or remove them."))
  }
  const invalid = (name: string, values: string) =>
    problem("settings", `${path} has an invalid value of "${name}", which is ignored.`, `It must be ${values}.`)
  for (const name of SWITCHES)
    if (!["undefined", "boolean"].includes(typeof entries[name])) found.push(invalid(name, "true or false"))
  const choice = entries["credentials"]
  if (choice !== undefined && !CHOICES.some((each) => each === choice))
    found.push(invalid("credentials", CHOICES.map((each) => `"${each}"`).join(" or ")))
  return found.length > 0 ? found : [ok("settings", path)]
}

/** Checks the port of the gateway. */
export const checkPort =
  (port: number): Check =>
  async ({ probes }) => {
    switch (await probes.portUse(port)) {
      case "free":
        return [ok("port", `Port ${port} is free for qwen-auth serve.`)]
      case "gateway":
        return [note("port", `qwen-auth serve runs on port ${port}.`)]
      case "other":
        return [
          problem("port", `Another program uses port ${port}.`, "Run qwen-auth serve with --next-port or --port PORT."),
        ]
    }
  }
