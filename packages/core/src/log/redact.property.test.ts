import { inspect } from "node:util"
import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { expect, it } from "vitest"
import { redact } from "./redact.ts"
import { secretMemory } from "./secret-memory.ts"

const TOKEN_LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
const token = fc.string({ unit: fc.constantFrom(...TOKEN_LETTERS), minLength: 16, maxLength: 60 })
/** Any secret, also with characters that RFC 6750 §2.1 does not allow in a token. */
const anySecret = fc.string({ minLength: 8, maxLength: 40 })

const NAMES = [
  "access_token",
  "refreshToken",
  "id_token",
  "device_code",
  "userCode",
  "code_verifier",
  "client_secret",
  "api_key",
]
const name = fc.constantFrom(...NAMES)
const harmless = fc.constantFrom("a", "message", "data", "choices", "error")

/** Contexts in which a secret is recognised by its name or by a pattern. */
const marks: readonly ((secret: string, name: string) => unknown)[] = [
  (secret, name) => ({ [name]: secret, status: 1 }),
  (secret, name) => new Map([[name, secret]]),
  (secret, name) => new URLSearchParams({ a: "b", [name]: secret }),
  (secret, name) => [name, secret],
  (secret) => new Headers({ cookie: `a=b; c=${secret}` }),
  (secret, name) => new URL(`https://a.test/p?${name}=${secret}&x=1`),
  (secret, name) => Object.assign(new Error("no"), { [name]: secret }),
  (secret) => `refused Bearer ${secret} today`,
  (secret) => `the key sk-${secret}, again`,
  (secret) => `https://user:${secret}@a.test/`,
  (secret) => `GET / HTTP/1.1\r\nauthorization: ${secret}\r\nhost: a`,
  (secret) => `set-cookie: a=${secret}; Path=/`,
  (secret, name) => `https://a.test/#${name}=${secret}`,
  (secret, name) => `a=b&${name}=${secret}&c=d`,
  (secret, name) => `{ ${name}: '${secret}' }`,
  (secret, name) => `{"a":"b","${name}":"${secret}","c`,
  (secret, name) => `{"body":"{\\"${name}\\": \\"${secret}\\"`,
]

/** Ways to nest one value in another. */
const wrappings: readonly ((inner: unknown, name: string) => unknown)[] = [
  (inner, name) => ({ [name]: inner, x: 1 }),
  (inner) => [1, inner, "x"],
  (inner, name) => new Map([[name, inner]]),
  (inner) => new Set([inner]),
  (inner) => new Error("no", { cause: inner }),
  (inner) => new AggregateError([inner], "several"),
  (inner) => Object.assign(new Error("no"), { data: inner }),
  (inner) => (typeof inner === "string" ? new Error(inner) : inner),
  (inner) => (typeof inner === "string" ? { [inner]: 1 } : inner),
]

/** Ways to encode a text within another text. */
const codings: readonly ((text: string) => string)[] = [
  (text) => JSON.stringify({ b: text }),
  (text) => `sent ${JSON.stringify([text, 1])} twice`,
  (text) => `data: ${JSON.stringify({ delta: { text } })}\n\ndata: [DONE]\n\n`,
  (text) => `a=b&c=${encodeURIComponent(text)}&d=e`,
  (text) => `${text}\nand more`,
]

const nested = fc.record({
  mark: fc.constantFrom(...marks),
  name,
  codings: fc.array(fc.constantFrom(...codings), { maxLength: 4 }),
  wrappings: fc.array(fc.tuple(fc.constantFrom(...wrappings), harmless), { maxLength: 8 }),
})

function nest(
  secret: string,
  { mark, name, codings, wrappings }: typeof nested extends fc.Arbitrary<infer T> ? T : never,
) {
  const marked = mark(secret, name)
  const coded = typeof marked === "string" ? codings.reduce((text, coding) => coding(text), marked) : marked
  return wrappings.reduce((inner, [wrapping, harmlessName]) => wrapping(inner, harmlessName), coded)
}

const inspected = (value: unknown) => inspect(value, { depth: 40, maxStringLength: null, maxArrayLength: null })

it("redact removes every secret with a known name or pattern, however it is nested", () => {
  always(
    fc.property(token, nested, (secret, nesting) => !inspected(redact(nest(secret, nesting))).includes(secret)),
    500,
  )
})

/** Returns all texts in a redacted value, including names. */
function texts(value: unknown): string[] {
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => [key, ...texts(item)])
}

it("a secret memory removes every remembered secret, however it is nested", () => {
  always(
    fc.property(anySecret, nested, (secret, nesting) => {
      const memory = secretMemory()
      memory.remember(secret)
      const embedded = { ...nesting, mark: (text: string) => `it was ${text}.` }
      const results = texts(memory.redact(nest(secret, embedded)))
      return !results.some((text) => text.includes(secret) || text.includes(encodeURIComponent(secret)))
    }),
    500,
  )
})

it("a redacted value is JSON and stays the same when it is redacted again", () => {
  always(
    fc.property(token, nested, (secret, nesting) => {
      const once = redact(nest(secret, nesting))
      expect(redact(once)).toEqual(once)
      expect(JSON.parse(JSON.stringify(once))).toEqual(once)
      return true
    }),
    500,
  )
})

it("redact does not throw for any value", () => {
  always(
    fc.property(
      fc.anything({ withMap: true, withSet: true, withBigInt: true, withDate: true, withTypedArray: true }),
      anyText,
      (value, text) => {
        JSON.stringify(redact([value, text]))
        return true
      },
    ),
    500,
  )
})
