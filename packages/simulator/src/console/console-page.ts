import type { ConsoleHost } from "../hosts/host.ts"
import { jsonReply } from "../http/reply.ts"
import { pageReply } from "../page/page-frame.ts"
import type { Endpoint } from "../world.ts"
import { askingPage, refusedLinkPage } from "./console-page-states.ts"
import { newHandOver } from "./hand-over.ts"
import { readNotice } from "./notice.ts"

/**
 * `GET /console-login?notice=127.0.0.1:PORT?state=STATE&needapikey=true`: asks whether the program may have a key.
 * The second `?` is literal in the wild; an encoded one is read as well.
 */
export function consolePage(host: ConsoleHost): Endpoint {
  return ({ query }) => {
    const notice = readNotice(query.get("notice") ?? "")
    const asksForKey = query.get("needapikey") === "true"
    return pageReply(notice !== undefined && asksForKey ? askingPage(host, notice) : refusedLinkPage())
  }
}

/** `POST /console-login/key`: the document that the page hands over after the user pressed Allow. */
export function consoleKeyEndpoint(host: ConsoleHost): Endpoint {
  return (_request, world) => jsonReply(200, newHandOver(host, world), { "cache-control": "no-store" })
}
