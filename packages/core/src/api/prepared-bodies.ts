import { parseJsonObject } from "../http/json-object.ts"
import type { Platform } from "../platform.ts"
import type { IncomingRequest } from "./incoming-request.ts"
import { oauthRequestBody } from "./request-body.ts"

type Json = Readonly<Record<string, unknown>>

/** A request's body, understood as far as a route needs it. */
export interface ReadBody {
  /** The body by the rules of the OAuth route; undefined when none applies. */
  forOAuth(): string | undefined
  /** The body without the rules, or with those already in it; undefined when it is to be sent as it is. */
  asGiven(): string | undefined
  /** The model that was asked for, if the body names one. */
  model(): string | undefined
  /** Whether the body asks for a stream. */
  wantsStream(): boolean
  /** The beginning of a chat request, to the end of its first user message or close; undefined for any other request. */
  opening(): string | undefined
}

/**
 * Applies the OAuth route's body rules before the body becomes text: parsing a long conversation again costs more than sending
 * it. A body so prepared begins with a mark that only this object knows; {@link read} takes the mark off again.
 */
export class PreparedBodies {
  readonly #field: string
  readonly #start: string

  constructor(platform: Pick<Platform, "randomBytes">) {
    // Cannot be guessed, so that nobody else's body is taken for a prepared one.
    this.#field = `prepared-${Buffer.from(platform.randomBytes(16)).toString("hex")}`
    this.#start = `{"${this.#field}":"`
  }

  /** The body of a chat request by the rules, marked. For hosts that show a request before they serialise it. */
  readonly prepare = (body: Json): Json => ({
    // Encoded, so that the mark ends at the next quotation mark.
    [this.#field]: encodeURIComponent(wellFormed(modelOf(body) ?? "")),
    ...oauthRequestBody(body),
  })

  /** Understands what a caller passed to fetch. Any body but a chat request's is left alone. */
  read(incoming: IncomingRequest): ReadBody {
    const text = incoming.url.pathname.endsWith("/chat/completions") ? bodyText(incoming.init.body) : undefined
    if (text === undefined) return UNTOUCHED
    return text.startsWith(this.#start) ? this.#marked(text) : unmarked(text, this.#field)
  }

  #marked(text: string): ReadBody {
    const end = text.indexOf('"', this.#start.length)
    const body = `{${text.slice(end + 2)}`
    const model = decodeURIComponent(text.slice(this.#start.length, end))
    return {
      forOAuth: () => body,
      asGiven: () => body,
      model: () => (model === "" ? undefined : model),
      wantsStream: () => parseJsonObject(body)?.["stream"] === true,
      opening: () => openingOf(body),
    }
  }
}

const NO_OBJECT = Symbol("no object")
const UNTOUCHED: ReadBody = {
  forOAuth: () => undefined,
  asGiven: () => undefined,
  model: () => undefined,
  wantsStream: () => false,
  opening: () => undefined,
}

/** @param field the mark's, which a host may have moved behind other fields */
function unmarked(text: string, field: string): ReadBody {
  let parsed: { readonly chat: Json | undefined } | undefined
  const chat = () => {
    if (parsed === undefined) {
      const { [field]: mark, ...chat } = parseJsonObject(text) ?? { [field]: NO_OBJECT }
      parsed = { chat: mark === NO_OBJECT ? undefined : chat }
    }
    return parsed.chat
  }
  return {
    forOAuth() {
      const body = chat()
      // A text that is no JSON object is not ours to judge: the service answers it.
      return body === undefined ? undefined : JSON.stringify(oauthRequestBody(body))
    },
    asGiven: () => (text.includes(field) ? JSON.stringify(chat()) : undefined),
    model: () => modelOf(chat()),
    wantsStream: () => chat()?.["stream"] === true,
    opening: () => openingOf(text),
  }
}

function modelOf(body: Json | undefined): string | undefined {
  return typeof body?.["model"] === "string" ? body["model"] : undefined
}

/** Characters of the first user message that tell conversations apart. */
const OPENING = 4_096

function openingOf(body: string): string {
  return body.slice(0, Math.max(0, body.search(/"role"\s*:\s*"user"/)) + OPENING)
}

/** Half a surrogate pair cannot be encoded. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

function bodyText(body: unknown): string | undefined {
  if (typeof body === "string") return body
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : undefined
}
