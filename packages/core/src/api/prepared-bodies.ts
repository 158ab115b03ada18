import { parseJsonObject } from "../http/json-object.ts"
import type { Platform } from "../platform.ts"
import type { IncomingRequest } from "./incoming-request.ts"
import { oauthRequestBody } from "./request-body.ts"

type Json = Readonly<Record<string, unknown>>

/** The parts of a request body that routes need. */
export interface ReadBody {
  /** Returns the body with the rules of the OAuth route applied; undefined to send the body unchanged. */
  forOAuth(): string | undefined
  /** Returns the body without its marker; undefined to send the body unchanged. */
  asGiven(): string | undefined
  /** Returns the requested model, if the body names one. */
  model(): string | undefined
  /** Returns true when the body asks for a stream. */
  wantsStream(): boolean
  /**
   * Returns the beginning of a chat request, including most of its first user message; undefined for other requests.
   */
  opening(): string | undefined
}

/**
 * Applies the body rules of the OAuth route before the host serialises the body, because parsing a long conversation
 * again costs more than sending it. A prepared body starts with a random marker, which {@link read} removes.
 */
export class PreparedBodies {
  readonly #field: string
  readonly #start: string

  constructor(platform: Pick<Platform, "randomBytes">) {
    // Random, so that no other body can look like a prepared one.
    this.#field = `prepared-${Buffer.from(platform.randomBytes(16)).toString("hex")}`
    this.#start = `{"${this.#field}":"`
  }

  /**
   * Applies the rules to the body of a chat request and adds the marker. For hosts that expose a body before they
   * serialise it.
   */
  readonly prepare = (body: Json): Json => ({
    // Encoded, so that the marker ends at the next quotation mark.
    [this.#field]: encodeURIComponent(wellFormed(modelOf(body) ?? "")),
    ...oauthRequestBody(body),
  })

  /** Reads the body of a request. Bodies other than those of chat requests are not changed. */
  read(request: IncomingRequest): ReadBody {
    const text = request.url.pathname.endsWith("/chat/completions") ? bodyText(request.init.body) : undefined
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

/** @param field the marker's field, which a host may have moved behind other fields */
function unmarked(text: string, field: string): ReadBody {
  let parsed: { readonly chat: Json | undefined } | undefined
  const chat = () => {
    if (parsed === undefined) {
      const { [field]: marker, ...chat } = parseJsonObject(text) ?? { [field]: NO_OBJECT }
      parsed = { chat: marker === NO_OBJECT ? undefined : chat }
    }
    return parsed.chat
  }
  return {
    forOAuth() {
      const body = chat()
      // A body that is not a JSON object is sent unchanged, and the service refuses it.
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

/** Number of characters after the start of the first user message that identify a conversation. */
const OPENING_LENGTH = 4_096

function openingOf(body: string): string {
  return body.slice(0, Math.max(0, body.search(/"role"\s*:\s*"user"/)) + OPENING_LENGTH)
}

/** Replaces lone surrogates, which cannot be encoded. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

function bodyText(body: unknown): string | undefined {
  if (typeof body === "string") return body
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : undefined
}
