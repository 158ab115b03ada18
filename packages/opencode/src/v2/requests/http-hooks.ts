import type { IntegrationDomain, RequestEvent, ResponseEvent } from "../host-types.ts"
import type { ProcessServices } from "../services.ts"
import { inWords } from "../sign-in/attempt.ts"
import { answer } from "./answer.ts"
import { Exchanges } from "./exchanges.ts"
import { outgoingRequest, requestForHost } from "./outgoing-request.ts"
import { requestSender } from "./request-sender.ts"

/** The hooks around a request of the provider. */
export interface HttpHooks {
  /** @param ownsResponse OpenCode takes our own response later on */
  request(event: RequestEvent, ownsResponse: boolean): Promise<void>
  response(event: ResponseEvent): Promise<void>
}

/**
 * Creates the hooks. This plugin sends the requests itself: OpenCode's fetch follows redirects with the whole prompt, and
 * cannot send a request again after a 401.
 */
export function httpHooks(
  { platform, services }: ProcessServices,
  connections: IntegrationDomain["connection"],
): HttpHooks {
  const exchanges = new Exchanges(() => Buffer.from(platform.randomBytes(12)).toString("hex"))
  const prepare = async (request: Request) => {
    const sender = await requestSender(services(), connections, request)
    return sender && { sender, outgoing: await outgoingRequest(request, sender.bodyFields) }
  }
  return {
    async request(event, ownsResponse) {
      const asked = event.request
      if (!ownsResponse) {
        const prepared = await inWords(platform.log, prepare(asked))
        if (prepared) event.request = await requestForHost(services(), prepared.sender, prepared.outgoing)
        return
      }
      const prepared = await prepare(asked).catch((error: unknown) => ({ error }))
      if (prepared === undefined) return
      event.request = exchanges.open(async (signal) => {
        if ("error" in prepared) throw prepared.error
        const { url, init } = prepared.outgoing
        return prepared.sender.fetch(url, { ...init, signal })
      })
    },
    async response(event) {
      const send = exchanges.take(event.request)
      if (send !== undefined) event.response = await answer(platform, send)
    },
  }
}
