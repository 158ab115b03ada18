import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { ensureKeyFile } from "../gateway/key-file.ts"
import { newLocalKey } from "../gateway/local-key.ts"
import { formatRequestRecord } from "../gateway/request-record.ts"
import { type Gateway, type GatewayOptions, startGateway } from "../gateway/start-gateway.ts"
import { localSignIn } from "../sign-in.ts"
import type { Command, CommandWorld } from "./command.ts"
import {
  DEFAULT_PORT,
  GATEWAY_OPTIONS,
  parseKeepAlive,
  parseModelChoices,
  parsePort,
  SHARED_HELP,
} from "./gateway-options.ts"

const HELP = `Usage: qwen-auth serve [options]

Serves OpenAI's and Anthropic's APIs on this computer (127.0.0.1 only), with your
Qwen sign-in. Runs until Ctrl-C.

  --port PORT            the port, ${DEFAULT_PORT} unless given
  --next-port            take the next free port if it is in use
  --key-file FILE        keep the local key in this file, which is made if it does
                         not exist. Without it a new key is printed once
${SHARED_HELP}  --log                  print a line per request, without contents

Examples:
  qwen-auth serve
  qwen-auth serve --key-file ~/.qwen-gateway-key --log
  curl http://127.0.0.1:${DEFAULT_PORT}/v1/models -H "Authorization: Bearer KEY"

Paths: /v1/chat/completions, /v1/models, /v1/responses, /v1/messages,
/v1/messages/count_tokens, /healthz
`

/** How many ports `--next-port` tries. */
const PORTS_TRIED = 20

/** Serves the gateway until a signal ends it. */
export const serve: Command = {
  help: HELP,
  async run(args, world) {
    const { values } = parseArgs({
      args: [...args],
      options: { ...GATEWAY_OPTIONS, "next-port": { type: "boolean" }, log: { type: "boolean" } },
    })
    const { platform, system } = world
    const port = parsePort(values.port)
    const signIn = localSignIn(platform, world.sources, system)
    const newKey = () => newLocalKey(platform.randomBytes)
    const keyFile = values["key-file"] === undefined ? undefined : resolve(values["key-file"])
    const localKey = keyFile === undefined ? newKey() : await ensureKeyFile(keyFile, newKey, system.platform)
    const options: Omit<GatewayOptions, "port"> = {
      ...signIn,
      localKey,
      aliases: parseModelChoices(values.model),
      keepAliveMs: parseKeepAlive(values["keep-alive"]),
      now: platform.now,
      onRequest: values.log ? (record) => world.report(`${formatRequestRecord(record)}\n`) : undefined,
    }
    const gateway = await startOnPort(options, port, values["next-port"] ? PORTS_TRIED : 1)
    if (gateway === undefined) {
      const remedy = "Stop the other program, or use --next-port or --port."
      world.report(`qwen-auth: Port ${port} is in use. ${remedy}\n`)
      return 1
    }
    world.print(`Listening on ${gateway.origin} (OpenAI: ${gateway.origin}/v1, Anthropic: ${gateway.origin})\n`)
    world.report(keyFile === undefined ? `Local key, shown once: ${localKey}\n` : `The local key is in ${keyFile}.\n`)
    await untilSignal(world, gateway)
    return 0
  },
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
async function untilSignal({ signals, report }: CommandWorld, gateway: Gateway): Promise<void> {
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const
  let stopping = false
  let stop = () => {}
  await new Promise<void>((resolve) => {
    stop = () => {
      if (!stopping) report("Stopping. Running answers may end; press Ctrl-C again to cut them.\n")
      void gateway.close(stopping ? 0 : undefined).then(resolve)
      stopping = true
    }
    for (const name of names) signals.on(name, stop)
  })
  for (const name of names) signals.off(name, stop)
}
