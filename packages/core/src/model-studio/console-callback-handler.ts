import type { ApiKeyCredential } from "../credentials/credential.ts"
import type { Platform } from "../platform.ts"
import type { LoopbackAnswer, LoopbackRequest } from "./loopback-listener.ts"
import { type CallRefusal, type ExpectedCall, verifyConsoleRequest } from "./verify-console-request.ts"

/** Handles the calls of one sign-in. Accepts the first valid key and refuses every other call. */
export interface ConsoleCallbackHandler {
  answer(request: LoopbackRequest): LoopbackAnswer
  /** Resolves when a key was received and the response to the console's page was sent. */
  readonly key: Promise<ApiKeyCredential>
  /** How often calls were refused, by reason. */
  readonly refusals: ReadonlyMap<CallRefusal, number>
}

/** Creates the handler of one sign-in. Logs each reason for a refusal once. */
export function consoleCallbackHandler(
  platform: Pick<Platform, "log">,
  expected: ExpectedCall,
): ConsoleCallbackHandler {
  const refusals = new Map<CallRefusal, number>()
  let accepted = false
  let deliver: (key: ApiKeyCredential) => void = () => {}
  const key = new Promise<ApiKeyCredential>((resolve) => {
    deliver = resolve
  })
  const refuse = (why: CallRefusal) => {
    const count = (refusals.get(why) ?? 0) + 1
    refusals.set(why, count)
    // Logged once, because any program that reaches the port can cause a refusal.
    if (count > 1) return
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
    if (accepted) return { ...call.answer, status: 409, text: "This sign-in has ended." }
    accepted = true
    return { ...call.answer, delivered: () => deliver(call.key) }
  }
  return { answer, key, refusals }
}
