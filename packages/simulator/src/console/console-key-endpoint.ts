import type { ConsoleHost } from "../hosts/host.ts"
import { jsonReply } from "../http/reply.ts"
import type { Endpoint } from "../world.ts"
import { newHandOver } from "./hand-over.ts"

/** `POST /console-login/key`: the document that the page hands over after the user pressed Allow. */
export function consoleKeyEndpoint(host: ConsoleHost): Endpoint {
  return (_request, world) => jsonReply(200, newHandOver(host, world), { "cache-control": "no-store" })
}
