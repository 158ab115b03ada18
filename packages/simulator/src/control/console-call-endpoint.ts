import { callProgram, preflight } from "../console/call-program.ts"
import { CALL_SHAPES, type CallShape, shapedCall } from "../console/call-shapes.ts"
import { newHandOver } from "../console/hand-over.ts"
import { type Notice, readNotice } from "../console/notice.ts"
import { boolean, DocumentError, fieldsOf, nullable, objectOf, oneOf, text } from "../fields.ts"
import { SITES, type Site } from "../hosts/host.ts"
import { consoleHost } from "../hosts/host-table.ts"
import { jsonReply, type Reply } from "../http/reply.ts"
import type { SimulatorRequest } from "../http/request.ts"
import type { JsonObject } from "../json.ts"
import type { Endpoint, World } from "../world.ts"
import { documentEndpoint, refusal } from "./document-endpoint.ts"

/** The options of a console call without a browser and a user. */
interface CallDocument {
  notice: string
  site: Site
  shape: CallShape
  /** `undefined`: the state of the notice. */
  state: string | undefined
  /** Replaces fields of the hand-over document; `null` omits a field. */
  fields: JsonObject
  /** The `Origin` header; `null`: none, `undefined`: the console's. */
  origin: string | null | undefined
  preflight: boolean
}

interface WantedCall extends Omit<CallDocument, "notice"> {
  to: Notice
}

const plainCall: CallDocument = {
  notice: "",
  site: "international",
  shape: "post",
  state: undefined,
  fields: {},
  origin: undefined,
  preflight: true,
}

/** `POST /_sim/console-call`: presses Allow on a console's page, and returns the program's response. */
export const callFromConsole: Endpoint = documentEndpoint(readCall, makeCall)

function readCall(document: unknown): WantedCall {
  const fields = fieldsOf(document, "", plainCall)
  const to = readNotice(fields.read("notice", text))
  if (to === undefined) throw new DocumentError("notice must be 127.0.0.1:PORT?state=STATE, the state 32 hex digits")
  return {
    to,
    site: fields.read("site", oneOf(SITES)),
    shape: fields.read("shape", oneOf(CALL_SHAPES)),
    state: fields.read("state", text),
    fields: fields.read("fields", objectOf),
    origin: fields.read("origin", nullable(text)),
    preflight: fields.read("preflight", boolean),
  }
}

async function makeCall(wanted: WantedCall, world: World, { signal }: SimulatorRequest): Promise<Reply> {
  const { to, shape, state = to.state } = wanted
  const host = consoleHost(wanted.site)
  const document = newHandOver(host, world)
  const call = shapedCall(shape, state, withFields({ ...document }, wanted.fields))
  const { origin = `https://${host.name}` } = wanted
  const caller = { port: to.port, origin, signal }
  try {
    const permission = wanted.preflight ? await preflight(caller, call) : undefined
    const answer = await callProgram(caller, call)
    const shown = permission === undefined ? null : { status: permission.status, headers: permission.headers }
    return jsonReply(200, { preflight: shown, ...answer, key: document.api_key })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return refusal(502, `127.0.0.1:${to.port} could not be called: ${reason}`)
  }
}

function withFields(document: JsonObject, fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ ...document, ...fields }).filter(([, value]) => value !== null))
}
