import { CommandError } from "../command-error.ts"
import { EXIT } from "../exit-codes.ts"
import { ensureKeyFile } from "../gateway/key-file.ts"
import { newLocalKey } from "../gateway/local-key.ts"
import { localSignIn } from "../gateway/local-sign-in.ts"
import { formatRequestRecord } from "../gateway/request-record.ts"
import { type Gateway, type GatewayOptions, startGateway } from "../gateway/start-gateway.ts"
import { ENDING_SIGNALS } from "../interrupt.ts"
import type { World } from "../world.ts"
import { type Call, textOf, textsOf } from "./command.ts"
import { keyFileOf, parseKeepAlive, parseModelChoices, parsePort } from "./gateway-options.ts"

/** How many ports `--next-port` tries. */
const PORTS_TRIED = 20

/** Serves the gateway until a signal ends it. */
export async function run({ world, values }: Call): Promise<number> {
  const { platform } = world
  const port = parsePort(textOf(values, "port"))
  const aliases = parseModelChoices(textsOf(values, "model"))
  const keepAliveMs = parseKeepAlive(textOf(values, "keep-alive"))
  const signIn = localSignIn(world, values)
  const newKey = () => newLocalKey(platform.randomBytes)
  const keyFile = keyFileOf(world, values)
  const localKey = keyFile === undefined ? newKey() : await ensureKeyFile(keyFile, newKey, world.system)
  const onRequest: GatewayOptions["onRequest"] = (record) => world.stderr.write(`${formatRequestRecord(record)}\n`)
  const options: Omit<GatewayOptions, "port"> = {
    ...signIn,
    localKey,
    aliases,
    keepAliveMs,
    now: platform.now,
    onRequest: values["log"] === true ? onRequest : undefined,
  }
  const gateway = await startOnPort(options, port, values["next-port"] === true ? PORTS_TRIED : 1)
  if (gateway === undefined)
    throw new CommandError(`Port ${port} is in use. Stop the other program, or use --next-port or --port.`)
  const { origin } = gateway
  world.stdout.write(`Listening on ${origin} (OpenAI: ${origin}/v1, Anthropic: ${origin})\n`)
  world.stderr.write(
    keyFile === undefined ? `Local key, shown once: ${localKey}\n` : `The local key is in ${keyFile}.\n`,
  )
  await untilSignal(world, gateway)
  return EXIT.done
}

async function startOnPort(
  options: Omit<GatewayOptions, "port">,
  first: number,
  tries: number,
): Promise<Gateway | undefined> {
  for (let port = first; port < first + tries && port <= 65_535; port++) {
    try {
      return await startGateway({ ...options, port })
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error
    }
  }
  return undefined
}

/** Lets running answers end at the first signal, and cuts them at the second. */
async function untilSignal({ signals, stderr }: World, gateway: Gateway): Promise<void> {
  let stopping = false
  let stop = () => {}
  await new Promise<void>((resolve) => {
    stop = () => {
      if (!stopping) stderr.write("Stopping. Running answers may end; press Ctrl-C again to cut them.\n")
      void gateway.close(stopping ? 0 : undefined).then(resolve)
      stopping = true
    }
    for (const name of ENDING_SIGNALS) signals.on(name, stop)
  })
  for (const name of ENDING_SIGNALS) signals.off(name, stop)
}
