import * as v from "valibot"

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Whether a value survives JSON unchanged. */
function isJson(value: unknown): value is Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true
  if (typeof value === "number") return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  if (typeof value !== "object") return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isJson)
}

const Metadata = v.custom<Record<string, Json>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value) && isJson(value),
  "must be a JSON object",
)

/** The OAuth credential that a sign-in or a refresh gives. Unknown fields are dropped. */
export const OAuthSchema = v.object({
  type: v.literal("oauth"),
  methodID: v.string(),
  access: v.string(),
  refresh: v.string(),
  expires: v.pipe(v.number(), v.integer(), v.minValue(0)),
  metadata: v.optional(Metadata),
})

/** The same, where this version does not look. */
export const UncheckedOAuthSchema = v.looseObject({
  type: v.literal("oauth"),
  methodID: v.optional(v.string(), "oauth"),
  access: v.string(),
  refresh: v.string(),
  expires: v.number(),
  metadata: v.optional(v.record(v.string(), v.unknown())),
})

export const AnswerSchema = v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.array(v.string())]))

/** OpenCode 1's auth.json. */
export const AuthJsonSchema = v.record(
  v.string(),
  v.variant("type", [
    v.object({ type: v.literal("api"), key: v.string(), metadata: v.optional(v.record(v.string(), v.string())) }),
    v.object({
      type: v.literal("oauth"),
      access: v.string(),
      refresh: v.string(),
      expires: v.number(),
      accountId: v.optional(v.string()),
      enterpriseUrl: v.optional(v.string()),
    }),
    v.object({ type: v.literal("wellknown"), key: v.string(), token: v.string() }),
  ]),
)
