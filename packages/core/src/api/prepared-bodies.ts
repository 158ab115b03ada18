import { parseJsonObject } from "../http/json-object.ts"
import type { Platform } from "../platform.ts"
import type { BodyRules, ChatBody } from "./body-rules.ts"
import type { IncomingRequest } from "./incoming-request.ts"

/** A body with the rules of a route applied. */
export interface RoutedBody {
  /** The body to send; undefined to send the caller's body unchanged. */
  readonly text: string | undefined
  /** True if the rules ask for a stream where the caller asked for one answer. */
  readonly joins: boolean
}

/** The parts of a request body that routes need. */
export interface ReadBody {
  /** Returns the body with the rules of a route applied. */
  forRoute(rules: BodyRules): RoutedBody
  /** Returns the requested model, if the body names one. */
  model(): string | undefined
  /** Returns true when the body asks for a stream. */
  wantsStream(): boolean
  /**
   * Returns the beginning of a chat request, including most of its first user message; undefined for other requests.
   */
  opening(): string | undefined
}

/** Maximum number of prepared bodies to remember. Hosts send a body right after it is prepared. */
const MAX_PREPARED = 16

/**
 * Applies the body rules before the host serialises the body, because parsing a long conversation again costs more than
 * sending it. The rules are those of the route that the last request took. A prepared body starts with a random marker,
 * which {@link read} removes. If the credential has changed since, the rules of the new route are applied to the caller's
 * own body, which is kept until then.
 */
export class PreparedBodies {
  readonly #field: string
  readonly #start: string
  /** The callers' own bodies, by their number. */
  readonly #originals = new Map<string, ChatBody>()
  #rules: BodyRules | undefined
  #count = 0

  /** @param rules the rules for the first request; without them its body is not prepared */
  constructor(platform: Pick<Platform, "randomBytes">, rules?: BodyRules) {
    // Random, so that no other body can look like a prepared one.
    this.#field = `prepared-${Buffer.from(platform.randomBytes(16)).toString("hex")}`
    this.#start = `{"${this.#field}":"`
    this.#rules = rules
  }

  /**
   * Applies the rules to the body of a chat request and adds the marker. For hosts that expose a body before they
   * serialise it.
   */
  readonly prepare = (body: ChatBody): ChatBody => {
    const rules = this.#rules
    if (rules === undefined) return body
    const changed = rules.apply(body)
    this.#count += 1
    const id = String(this.#count)
    this.#originals.set(id, body)
    const [oldest] = this.#originals.keys()
    if (this.#originals.size > MAX_PREPARED && oldest !== undefined) this.#originals.delete(oldest)
    // Encoded, so that the marker ends at the next quotation mark.
    const facts = [id, rules.id, modelOf(body) ?? "", isJoined(body, changed) ? "joins" : ""]
    return { [this.#field]: facts.map((fact) => encodeURIComponent(wellFormed(fact))).join(" "), ...changed }
  }

  /** Reads the body of a request. Bodies other than those of chat requests are not changed. */
  read(request: IncomingRequest): ReadBody {
    const text = request.url.pathname.endsWith("/chat/completions") ? bodyText(request.init.body) : undefined
    if (text === undefined) return UNTOUCHED
    const body = text.startsWith(this.#start) ? this.#marked(text) : this.#unmarked(text)
    return {
      ...body,
      forRoute: (rules) => {
        this.#rules = rules
        return body.forRoute(rules)
      },
    }
  }

  #marked(text: string): ReadBody {
    const end = text.indexOf('"', this.#start.length)
    const facts = text.slice(this.#start.length, end).split(" ").map(decodeURIComponent)
    const [id = "", preparedFor, model = "", joins] = facts
    const body = `{${text.slice(end + 2)}`
    const kept = this.#takeOriginal(id)
    // Without the caller's own body the rules are applied on top of the others.
    const original = () => kept ?? { ...parseJsonObject(body), ...(model === "" ? {} : { model }) }
    return {
      forRoute(rules) {
        if (rules.id === preparedFor) return { text: body, joins: joins === "joins" }
        const routed = routedBody(original(), rules)
        return { ...routed, text: routed.text ?? JSON.stringify(original()) }
      },
      model: () => (model === "" ? undefined : model),
      wantsStream: () => joins !== "joins" && original()["stream"] === true,
      opening: () => openingOf(body),
    }
  }

  #unmarked(text: string): ReadBody {
    let parsed: { readonly chat: ChatBody | undefined; readonly marked: boolean } | undefined
    const parse = () => {
      parsed ??= this.#withoutMarker(parseJsonObject(text))
      return parsed
    }
    return {
      forRoute(rules) {
        const { chat, marked } = parse()
        // A body that is not a JSON object is sent unchanged, and the service refuses it.
        if (chat === undefined) return UNCHANGED
        const routed = routedBody(chat, rules)
        return marked && routed.text === undefined ? { ...routed, text: JSON.stringify(chat) } : routed
      },
      model: () => modelOf(parse().chat),
      wantsStream: () => parse().chat?.["stream"] === true,
      opening: () => openingOf(text),
    }
  }

  /** A host may have moved the marker behind other fields. */
  #withoutMarker(body: ChatBody | undefined): { chat: ChatBody | undefined; marked: boolean } {
    if (body === undefined || !Object.hasOwn(body, this.#field)) return { chat: body, marked: false }
    const { [this.#field]: marker, ...rest } = body
    const [id = ""] = String(marker).split(" ")
    return { chat: this.#takeOriginal(id) ?? rest, marked: true }
  }

  #takeOriginal(id: string): ChatBody | undefined {
    const original = this.#originals.get(id)
    this.#originals.delete(id)
    return original
  }
}

const UNCHANGED: RoutedBody = { text: undefined, joins: false }
const UNTOUCHED: ReadBody = {
  forRoute: () => UNCHANGED,
  model: () => undefined,
  wantsStream: () => false,
  opening: () => undefined,
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

/** Replaces lone surrogates, which cannot be encoded. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

function bodyText(body: unknown): string | undefined {
  if (typeof body === "string") return body
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : undefined
}
