import type { ConsoleHost } from "../hosts/host.ts"
import { pageReply } from "../page/page-frame.ts"
import type { Endpoint } from "../world.ts"
import { askingPage, refusedLinkPage } from "./console-page-states.ts"
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
