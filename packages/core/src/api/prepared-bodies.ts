import { parseJsonObject } from "../http/json-object.ts"
import type { Platform } from "../platform.ts"
import { asObject, type BodyRules, type ChatBody } from "./body-rules.ts"
import type { IncomingRequest } from "./incoming-request.ts"

/** A body with the rules of a route applied. */
export interface RoutedBody {
  /** The body to send; undefined to send the caller's body unchanged. */
  readonly text: string | undefined
  /** True if the rules request a stream although the caller did not. The fetch joins it. */
  readonly joins: boolean
}

/** The parts of a request body that routes need. */
export interface ReadBody {
  /** True for the body of a chat request. */
  readonly isChat: boolean
  /** Returns the body with the rules of a route applied. */
  forRoute(rules: BodyRules): RoutedBody
  /** Returns the requested model, if the body names one. */
  model(): string | undefined
  /** Returns true if the body requests a stream. */
  wantsStream(): boolean
  /** Returns the beginning of a chat request, including most of its first user message. */
  opening(): string
}

/** A body that was prepared, by its number in the marker. */
interface Prepared {
  /** The caller's own body. */
  readonly original: ChatBody
  readonly rulesId: string
  readonly joins: boolean
}

/** Maximum number of prepared bodies to remember. Hosts send a body right after it is prepared. */
const MAX_PREPARED = 16

/**
 * Applies the body rules before the host serialises the body, because parsing a long conversation again costs more than
 * sending it. The rules are those of the route that the last request took. A prepared body is wrapped in an object with a
 * random marker, and {@link read} takes it out as a part of the text, without copying it. If the credential has changed
 * since, the rules of the new route are applied to the caller's own body.
 */
export class PreparedBodies {
  readonly #marker: string
  readonly #start: string
  readonly #end: string
  readonly #prepared = new Map<string, Prepared>()
  #rules: BodyRules | undefined
  #count = 0

  /** @param rules the rules for the first request; without them its body is not prepared */
  constructor(platform: Pick<Platform, "randomBytes">, rules?: BodyRules) {
    // Random, so that no other body can look like a prepared one.
    this.#marker = `prepared-${Buffer.from(platform.randomBytes(16)).toString("hex")}`
    this.#start = `{"${this.#marker}":"`
    this.#end = `,"${this.#marker}-end":""}`
    this.#rules = rules
  }

  /** Applies the rules to the body of a chat request and wraps it. For hosts that expose a body before they serialise it. */
  readonly prepare = (body: ChatBody): ChatBody => {
    const rules = this.#rules
    if (rules === undefined) return body
    const changed = rules.apply(body)
    this.#count += 1
    const id = String(this.#count)
    this.#prepared.set(id, { original: body, rulesId: rules.id, joins: isJoined(body, changed) })
    this.#prepared.delete(String(this.#count - MAX_PREPARED))
    return { [this.#marker]: id, body: changed, [`${this.#marker}-end`]: "" }
  }

  /** Reads the body of a request. Bodies other than those of chat requests are not changed. */
  read(request: Pick<IncomingRequest, "url" | "init">): ReadBody {
    const text = request.url.pathname.endsWith("/chat/completions") ? bodyText(request.init.body) : undefined
    if (text === undefined) return NO_CHAT
    const body = text.startsWith(this.#start) && text.endsWith(this.#end) ? this.#wrapped(text) : this.#plain(text)
    return {
      ...body,
      forRoute: (rules) => {
        this.#rules = rules
        return body.forRoute(rules)
      },
    }
  }

  #wrapped(text: string): ReadBody {
    const idEnd = text.indexOf('"', this.#start.length)
    const prepared = this.#prepared.get(text.slice(this.#start.length, idEnd))
    const body = text.slice(idEnd + '","body":'.length, -this.#end.length)
    let own = prepared?.original
    const original = () => {
      // If the caller's own body is forgotten, the rules are applied to the prepared body.
      own ??= parseJsonObject(body) ?? {}
      return own
    }
    return {
      isChat: true,
      forRoute(rules) {
        if (rules.id === prepared?.rulesId) return { text: body, joins: prepared.joins }
        const routed = routedBody(original(), rules)
        return { ...routed, text: routed.text ?? JSON.stringify(original()) }
      },
      model: () => modelOf(original()),
      wantsStream: () => original()["stream"] === true,
      opening: () => openingOf(body),
    }
  }

  #plain(text: string): ReadBody {
    let parsed: { readonly chat: ChatBody | undefined; readonly wrapped: boolean } | undefined
    const parse = () => {
      parsed ??= this.#unwrapped(parseJsonObject(text))
      return parsed
    }
    return {
      isChat: true,
      forRoute(rules) {
        const { chat, wrapped } = parse()
        // A body that is not a JSON object is sent unchanged, and the service refuses it.
        if (chat === undefined) return UNCHANGED
        const routed = routedBody(chat, rules)
        return wrapped && routed.text === undefined ? { ...routed, text: JSON.stringify(chat) } : routed
      },
      model: () => modelOf(parse().chat),
      wantsStream: () => parse().chat?.["stream"] === true,
      opening: () => openingOf(text),
    }
  }

  /** A host may have changed the object around a prepared body, and added fields to it. */
  #unwrapped(fields: ChatBody | undefined): { chat: ChatBody | undefined; wrapped: boolean } {
    if (fields === undefined || !Object.hasOwn(fields, this.#marker)) return { chat: fields, wrapped: false }
    const { [this.#marker]: id, body, [`${this.#marker}-end`]: end, ...added } = fields
    return { chat: { ...(this.#prepared.get(String(id))?.original ?? asObject(body)), ...added }, wrapped: true }
  }
}

const UNCHANGED: RoutedBody = { text: undefined, joins: false }
const NO_CHAT: ReadBody = {
  isChat: false,
  forRoute: () => UNCHANGED,
  model: () => undefined,
  wantsStream: () => false,
  opening: () => "",
}

function routedBody(body: ChatBody, rules: BodyRules): RoutedBody {
  const changed = rules.apply(body)
  return changed === body ? UNCHANGED : { text: JSON.stringify(changed), joins: isJoined(body, changed) }
}

function isJoined(original: ChatBody, changed: ChatBody): boolean {
  return original["stream"] !== true && changed["stream"] === true
}

function modelOf(body: ChatBody | undefined): string | undefined {
  return typeof body?.["model"] === "string" ? body["model"] : undefined
}

/** Number of characters after the start of the first user message that identify a conversation. */
const OPENING_LENGTH = 4_096

function openingOf(body: string): string {
  return body.slice(0, Math.max(0, body.search(/"role"\s*:\s*"user"/)) + OPENING_LENGTH)
}

function bodyText(body: unknown): string | undefined {
  if (typeof body === "string") return body
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : undefined
}
