import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { changedEnvironment, clientEnvironment, shellCommands } from "../exec/client-environment.ts"
import { CommandNotStarted, runChild } from "../exec/run-child.ts"
import { spawnPlan } from "../exec/spawn-plan.ts"
import { gatewayModels } from "../gateway/gateway-models.ts"
import { readKeyFile } from "../gateway/key-file.ts"
import { newLocalKey } from "../gateway/local-key.ts"
import type { AliasChoices } from "../gateway/model-aliases.ts"
import { startGateway } from "../gateway/start-gateway.ts"
import { localSignIn } from "../sign-in.ts"
import { type Command, type CommandWorld, UsageError } from "./command.ts"
import {
  DEFAULT_PORT,
  GATEWAY_OPTIONS,
  parseKeepAlive,
  parseModelChoices,
  parsePort,
  SHARED_HELP,
} from "./gateway-options.ts"

const HELP = `Usage: qwen-auth exec [options] -- COMMAND [ARGUMENTS]
       qwen-auth exec --print --key-file FILE [--port PORT]

Runs a command with a gateway of its own. It finds your Qwen sign-in through
OPENAI_BASE_URL, OPENAI_API_KEY, ANTHROPIC_BASE_URL and ANTHROPIC_AUTH_TOKEN. The
gateway ends with the command, and the exit status is the command's.

${SHARED_HELP}  --print                print the variables for a shell instead, for a gateway
                         that runs: qwen-auth serve --key-file FILE
  --key-file FILE        with --print: the file with that gateway's local key
  --port PORT            with --print: that gateway's port, ${DEFAULT_PORT} unless given

Examples:
  qwen-auth exec -- claude
  qwen-auth exec --model opus=qwen3.8-max -- claude -p "What is in this folder?"
  eval "$(qwen-auth exec --print --key-file ~/.qwen-gateway-key)"
`

/** Runs a command with a gateway for the time of its life. */
export const exec: Command = {
  help: HELP,
  async run(args, world) {
    const end = args.indexOf("--")
    const [own, [command, ...rest]] = end === -1 ? [args, []] : [args.slice(0, end), args.slice(end + 1)]
    const { values } = parseArgs({ args: [...own], options: { ...GATEWAY_OPTIONS, print: { type: "boolean" } } })
    const aliases = parseModelChoices(values.model)
    if (values.print) {
      if (values["key-file"] === undefined || command !== undefined)
        throw new UsageError("--print needs --key-file FILE, and no command.")
      return printVariables(world, resolve(values["key-file"]), parsePort(values.port), aliases)
    }
    if (command === undefined) throw new UsageError("Name the command after --, for example: qwen-auth exec -- claude")
    for (const name of ["key-file", "port"] as const) {
      if (values[name] !== undefined) throw new UsageError(`--${name} is for --print only.`)
    }
    return runWithGateway(world, [command, ...rest], aliases, parseKeepAlive(values["keep-alive"]))
  },
}

async function printVariables(
  world: CommandWorld,
  keyFile: string,
  port: number,
  aliases: AliasChoices,
): Promise<number> {
  const { platform } = world.system
  const localKey = await readKeyFile(keyFile, platform)
  if (localKey === undefined)
    throw new UsageError(`There is no key file ${keyFile}. Run: qwen-auth serve --key-file FILE`)
  const credential = await localSignIn(world.platform, world.sources, world.system).credential()
  const gateway = { origin: `http://127.0.0.1:${port}`, localKey }
  world.print(shellCommands(clientEnvironment(gateway, aliases, gatewayModels(credential)), platform))
  return 0
}

async function runWithGateway(
  world: CommandWorld,
  [command, ...args]: readonly [string, ...string[]],
  aliases: AliasChoices,
  keepAliveMs: number | undefined,
): Promise<number> {
  const { platform, sources, system, signals, terminal, isFile } = world
  const { environment } = sources
  const signIn = localSignIn(platform, sources, system)
  // Before the command starts, so that a missing sign-in is said once and clearly.
  const offered = gatewayModels(await signIn.credential())
  const localKey = newLocalKey(platform.randomBytes)
  const gateway = await startGateway({ ...signIn, localKey, port: 0, aliases, keepAliveMs, now: platform.now })
  try {
    const change = clientEnvironment({ origin: gateway.origin, localKey }, aliases, offered)
    const plan = spawnPlan(command, args, { platform: system.platform, environment, isFile })
    return await runChild(plan, { environment: changedEnvironment(environment, change), signals, terminal })
  } catch (error) {
    if (!(error instanceof CommandNotStarted)) throw error
    world.report(`qwen-auth: ${error.message}\n`)
    return error.exitCode
  } finally {
    await gateway.close(0)
  }
}
