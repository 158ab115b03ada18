import { createHash } from "node:crypto"
import type { IntegrationDomain, RequestEvent, ResponseEvent } from "../host-types.ts"
import type { ProcessServices } from "../services.ts"
import { withUserMessage } from "../sign-in/authorization.ts"
import { Exchanges, type RequestIdentity } from "./exchanges.ts"
import { outgoingRequest, requestForHost } from "./outgoing-request.ts"
import { requestSender } from "./request-sender.ts"
import { sendForHost } from "./send-for-host.ts"

/** The hooks around a request of the provider. */
export interface HttpHooks {
  /** @param takesResponses whether OpenCode uses a response of the plugin */
  request(event: RequestEvent, takesResponses: boolean): Promise<void>
  response(event: ResponseEvent): Promise<void>
}

/**
 * Creates the hooks. The plugin sends the requests itself, because OpenCode's fetch follows redirects with the whole
 * prompt and cannot send a request again after a 401. If OpenCode does not use the plugin's response, it sends the
 * request itself, with the address, the credential and the body that the plugin sets.
 */
export function httpHooks(
  { platform, services }: ProcessServices,
  connections: IntegrationDomain["connection"],
): HttpHooks {
  const exchanges = new Exchanges(() => Buffer.from(platform.randomBytes(12)).toString("hex"))
  let ignored = false
  const prepare = async (request: Request) => {
    const sender = await requestSender(services(), connections, request)
    return sender && { sender, outgoing: await outgoingRequest(request, sender.bodyFields) }
  }
  return {
    async request(event, takesResponses) {
      const identity = await identityOf(event)
      if (!ignored && identity !== undefined && exchanges.isIgnored(identity)) {
        ignored = true
        platform.log.warn("OpenCode did not take the plugin's response, so it sends the requests itself from now on.")
      }
      if (ignored || !takesResponses) {
        const prepared = await withUserMessage(platform.log, prepare(event.request))
        if (prepared) event.request = await requestForHost(services(), prepared.sender, prepared.outgoing)
        return
      }
      const prepared = await prepare(event.request).catch((error: unknown) => ({ error }))
      if (prepared === undefined) return
      event.request = exchanges.open(identity, async (signal) => {
        if ("error" in prepared) throw prepared.error
        const { url, init } = prepared.outgoing
        return prepared.sender.fetch(url, { ...init, signal })
      })
    },
    async response(event) {
      const exchange = exchanges.take(event.request)
      if (exchange === undefined) return
      event.response = await sendForHost(platform, exchange.send)
      exchange.response = event.response
    },
  }
}

async function identityOf({ sessionID, kind, request }: RequestEvent): Promise<RequestIdentity | undefined> {
  if (sessionID === undefined || sessionID === "") return undefined
  const body = new Uint8Array(await request.clone().arrayBuffer())
  return { conversation: `${kind} ${sessionID}`, digest: createHash("sha256").update(body).digest("base64") }
}
