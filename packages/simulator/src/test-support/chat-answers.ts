import { expect } from "vitest"
import type { JsonObject } from "../json.ts"
import { objectIn } from "./simulator-under-test.ts"

/** The events of a stream, including the text `[DONE]`. */
export async function eventsOf(response: Response): Promise<(JsonObject | string)[]> {
  const events = (await response.text()).split("\n\n").filter((event) => event !== "")
  return events.map((event) => {
    const data = event.replace(/^data: /, "")
    return data === "[DONE]" ? data : objectIn(JSON.parse(data))
  })
}

/** The events of a stream in which each event names its type twice, as in the formats of Anthropic and of OpenAI's Responses. */
export async function typedEventsOf(response: Response): Promise<JsonObject[]> {
  const events = (await response.text()).split("\n\n").filter((event) => event !== "")
  return events.map((event) => {
    const [, type, data = ""] = /^event: ([\w.]+)\ndata: (.*)$/.exec(event) ?? []
    const document = objectIn(JSON.parse(data))
    expect(document["type"]).toBe(type)
    return document
  })
}

/** The deltas of a stream's first choice. */
export function deltasOf(events: readonly (JsonObject | string)[]): JsonObject[] {
  return events.flatMap((event) => {
    const choice = typeof event === "string" ? undefined : listIn(event["choices"])[0]
    return choice === undefined ? [] : [objectIn(objectIn(choice)["delta"])]
  })
}

/** The message of an answer that was not streamed. */
export async function messageOf(response: Response): Promise<JsonObject> {
  const body = objectIn(await response.json())
  return objectIn(objectIn(listIn(body["choices"])[0])["message"])
}

/** The function calls of a message: name and parsed arguments. */
export function callsOf(message: JsonObject): { name: unknown; arguments: unknown }[] {
  return listIn(message["tool_calls"] ?? []).map((call) => {
    const made = objectIn(objectIn(call)["function"])
    return { name: made["name"], arguments: JSON.parse(String(made["arguments"])) }
  })
}

export function listIn(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error(`Not an array: ${JSON.stringify(value)}`)
  return value
}

/** The body of the 401 for an access token or a plan's key that is not valid. */
export const REJECTED = {
  error: {
    code: "invalid_api_key",
    message: "invalid access token or token expired",
    param: null,
    type: "invalid_request_error",
  },
  request_id: expect.stringMatching(/^[\da-f-]{36}$/),
}
