import { UsageError } from "../command-error.ts"
import { clientArguments } from "../exec/client-arguments.ts"
import { changedEnvironment, clientEnvironment, shellCommands } from "../exec/client-environment.ts"
import { CommandNotStarted, runChild } from "../exec/run-child.ts"
import { spawnPlan } from "../exec/spawn-plan.ts"
import { EXIT } from "../exit-codes.ts"
import { gatewayModels } from "../gateway/gateway-models.ts"
import { readKeyFile } from "../gateway/key-file.ts"
import { newLocalKey } from "../gateway/local-key.ts"
import { type LocalSignIn, localSignIn } from "../gateway/local-sign-in.ts"
import type { AliasChoices } from "../gateway/model-aliases.ts"
import { startGateway } from "../gateway/start-gateway.ts"
import type { World } from "../world.ts"
import { type Call, textOf, textsOf, type Values } from "./command.ts"
import { keyFileOf, parseKeepAlive, parseModelChoices, parsePort } from "./gateway-options.ts"

/** Runs a command with a gateway for the time of its life. */
export async function run({ world, values, rest = [] }: Call): Promise<number> {
  const [command, ...args] = rest
  const aliases = parseModelChoices(textsOf(values, "model"))
  const keyFile = keyFileOf(world, values)
  if (values["print"] === true) {
    if (keyFile === undefined || command !== undefined)
      throw new UsageError("--print needs --key-file FILE, and no command.")
    return printVariables(world, values, keyFile, parsePort(textOf(values, "port")), aliases)
  }
  if (command === undefined || command === "")
    throw new UsageError("Name the command after --, for example: qwen-auth exec -- claude")
  for (const name of ["key-file", "port"]) {
    if (values[name] !== undefined) throw new UsageError(`--${name} is for --print only.`)
  }
  const keepAliveMs = parseKeepAlive(textOf(values, "keep-alive"))
  const signIn = localSignIn(world, values)
  return runWithGateway(world, signIn, [command, ...args], aliases, keepAliveMs)
}

async function printVariables(
  world: World,
  values: Values,
  keyFile: string,
  port: number,
  aliases: AliasChoices,
): Promise<number> {
  const localKey = await readKeyFile(keyFile, world.system)
  if (localKey === undefined)
    throw new UsageError(`There is no key file ${keyFile}. Run: qwen-auth serve --key-file FILE`)
  const credential = await localSignIn(world, values).credential()
  const gateway = { origin: `http://127.0.0.1:${port}`, localKey }
  world.stdout.write(shellCommands(clientEnvironment(gateway, aliases, gatewayModels(credential)), world.system))
  return EXIT.done
}

async function runWithGateway(
  world: World,
  signIn: LocalSignIn,
  [command, ...args]: readonly [string, ...string[]],
  aliases: AliasChoices,
  keepAliveMs: number | undefined,
): Promise<number> {
  const { platform, sources, system, signals, stdin, isFile } = world
  const { environment } = sources
  // Asked before the command starts, so that a missing sign-in is reported once and clearly.
  const offered = gatewayModels(await signIn.credential())
  const localKey = newLocalKey(platform.randomBytes)
  const gateway = await startGateway({ ...signIn, localKey, port: 0, aliases, keepAliveMs, now: platform.now })
  try {
    const change = clientEnvironment({ origin: gateway.origin, localKey }, aliases, offered)
    const given = [...clientArguments(command, change, offered), ...args]
    const plan = spawnPlan(command, given, { platform: system, environment, isFile })
    // With any of them Ctrl-C reaches the whole group, for example in `echo question | qwen-auth exec -- claude -p`.
    const terminal = [stdin, world.stdout, world.stderr].some(({ isTTY }) => isTTY === true)
    return await runChild(plan, { environment: changedEnvironment(environment, change), signals, terminal })
  } catch (error) {
    if (!(error instanceof CommandNotStarted)) throw error
    world.stderr.write(`qwen-auth: ${error.message}\n`)
    return error.exitCode
  } finally {
    await gateway.close(0)
  }
}
