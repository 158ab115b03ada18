import type { Platform } from "../platform.ts"
import type { ConsoleApiKey } from "./console-callback.ts"
import type { LoopbackAnswer, LoopbackRequest } from "./loopback-listener.ts"
import {
  alreadyHandedOver,
  type CallRefusal,
  type ExpectedCall,
  verifyConsoleRequest,
} from "./verify-console-request.ts"

/** Where the calls of one sign-in come in: the first good key is taken, every other call is refused. */
export interface ConsoleCallbackHandler {
  answer(request: LoopbackRequest): LoopbackAnswer
  /** Settles when the key is there and the console's page has been told so. */
  readonly key: Promise<ConsoleApiKey>
  /** Why calls were refused, and how often. */
  readonly refusals: ReadonlyMap<CallRefusal, number>
}

export function consoleCallbackHandler(
  platform: Pick<Platform, "log">,
  expected: ExpectedCall,
): ConsoleCallbackHandler {
  const refusals = new Map<CallRefusal, number>()
  let taken = false
  let deliver: (key: ConsoleApiKey) => void = () => {}
  const key = new Promise<ConsoleApiKey>((resolve) => {
    deliver = resolve
  })
  const refuse = (why: CallRefusal) => {
    const times = (refusals.get(why) ?? 0) + 1
    refusals.set(why, times)
    // Said once: how often it happens is up to whoever can reach the port.
    if (times > 1) return
    if (why === "with an unusable API address") {
      platform.log.warn(
        "console sign-in: rejected a key because the console named an API address that must not receive keys",
      )
    } else {
      platform.log.debug("console sign-in: a call was refused", { why })
    }
  }
  const answer = (request: LoopbackRequest): LoopbackAnswer => {
    const call = verifyConsoleRequest(request, expected)
    if (call.kind === "refused") refuse(call.why)
    if (call.kind !== "key") return call.answer
    if (taken) return alreadyHandedOver(call.answer)
    taken = true
    return { ...call.answer, delivered: () => deliver(call.key) }
  }
  return { answer, key, refusals }
}
