import { type Platform, QwenAuthError } from "qwen-auth-core"
import { parseJsonText } from "qwen-auth-core/internal"
import * as v from "valibot"
import type { Services } from "../services.ts"
import type { RequestSender } from "./request-sender.ts"

/** The arguments of a fetch. */
export interface OutgoingRequest {
  readonly url: string
  readonly init: RequestInit & { readonly headers: Headers }
}

const JsonObject = v.record(v.string(), v.unknown())

/**
 * Reads a request of OpenCode.
 * @param request its clone is read, because OpenCode could not send a request whose body is used
 * @param bodyFields fields that are removed from the body
 */
export async function outgoingRequest(request: Request, bodyFields: readonly string[]): Promise<OutgoingRequest> {
  const { url, method } = request
  const headers = new Headers(request.headers)
  if (request.body === null) return { url, init: { method, headers } }
  const body = new Uint8Array(await request.clone().arrayBuffer())
  return { url, init: { method, headers, body: bodyFields.length === 0 ? body : withoutFields(body, bodyFields) } }
}

function withoutFields(body: Uint8Array<ArrayBuffer>, names: readonly string[]): Uint8Array<ArrayBuffer> | string {
  const parsed = v.safeParse(JsonObject, parseJsonText(new TextDecoder().decode(body)))
  if (!parsed.success) return body
  return JSON.stringify(Object.fromEntries(Object.entries(parsed.output).filter(([name]) => !names.includes(name))))
}

/**
 * Returns the request with the address, headers and body for the credential, so that OpenCode can send it. For versions
 * of OpenCode that ignore the plugin's own response.
 * @throws Error with the message for the user, if the request cannot be sent
 */
export async function requestForHost(
  services: Services,
  { credentials }: RequestSender,
  { url, init }: OutgoingRequest,
): Promise<Request> {
  let prepared: Request | undefined
  const capture: Platform["fetch"] = async (target, options) => {
    prepared = new Request(target, options)
    throw new Error("OpenCode sends it")
  }
  const fetch = services.local.fetchWith(credentials, capture)
  const response = await fetch(url, init)
  if (prepared !== undefined) return prepared
  throw new Error((await errorOf(response)).message)
}

const ErrorBody = v.object({ error: v.object({ message: v.string(), code: v.fallback(v.string(), "") }) })

/** Reads an error response of the fetch. */
export async function errorOf(response: Response): Promise<{ readonly message: string; readonly code: string }> {
  const parsed = v.safeParse(ErrorBody, parseJsonText(await response.text()))
  if (parsed.success) return parsed.output.error
  throw new QwenAuthError("unexpected_response", `Qwen's API answered with status ${response.status}.`)
}
