import * as v from "valibot"
import type { HostBehaviour } from "./behaviour.ts"
import type { Answer } from "./types.ts"

const Condition = v.strictObject({
  key: v.string(),
  op: v.picklist(["eq", "neq"]),
  value: v.union([v.string(), v.number(), v.boolean()]),
})

const COMMON = {
  key: v.pipe(v.string(), v.minLength(1)),
  title: v.optional(v.string()),
  description: v.optional(v.string()),
  required: v.optional(v.boolean()),
  hidden: v.optional(v.boolean()),
  when: v.optional(v.union([v.array(Condition), Condition])),
}

const Options = v.array(v.strictObject({ value: v.string(), label: v.string(), description: v.optional(v.string()) }))

const FieldSchema = v.variant("type", [
  v.strictObject({
    ...COMMON,
    type: v.literal("string"),
    default: v.optional(v.string()),
    options: v.optional(Options),
    custom: v.optional(v.boolean()),
    pattern: v.optional(v.string()),
    minLength: v.optional(v.number()),
    maxLength: v.optional(v.number()),
    format: v.optional(v.string()),
    placeholder: v.optional(v.string()),
  }),
  v.strictObject({ ...COMMON, type: v.literal("number"), default: v.optional(v.number()) }),
  v.strictObject({ ...COMMON, type: v.literal("integer"), default: v.optional(v.pipe(v.number(), v.integer())) }),
  v.strictObject({ ...COMMON, type: v.literal("boolean"), default: v.optional(v.boolean()) }),
  v.strictObject({
    ...COMMON,
    type: v.literal("multiselect"),
    default: v.optional(v.array(v.string())),
    options: v.optional(Options),
  }),
  v.strictObject({ ...COMMON, type: v.literal("external"), default: v.optional(v.string()) }),
])

type Field = v.InferOutput<typeof FieldSchema>

/** A form: at least one field, unique keys, conditions on earlier fields only. */
export const FormSchema = v.pipe(
  v.array(FieldSchema),
  v.minLength(1, "a form needs at least one field"),
  v.check(
    (fields) => new Set(fields.map(({ key }) => key)).size === fields.length,
    "two fields of a form have the same key",
  ),
  v.check(
    (fields) =>
      fields.every(({ when }, n) =>
        [when ?? []].flat().every(({ key }) => fields.slice(0, n).some((earlier) => earlier.key === key)),
      ),
    "a condition names a field that does not come earlier",
  ),
)

/** Whether the fields exist in this version. @returns what is wrong */
export function unknownFields(fields: readonly Field[], { newestFields }: HostBehaviour): string | undefined {
  if (newestFields) return undefined
  const external = fields.find(({ type }) => type === "external")
  if (external !== undefined) return `the field ${external.key} is external, which this version does not know`
  const hidden = fields.find((field) => field.hidden !== undefined)
  return hidden === undefined ? undefined : `the field ${hidden.key} has hidden, which this version does not know`
}

/**
 * Checks an answer against a form.
 * @returns the answer, with defaults where this version fills them in
 * @throws Error that says which field is wrong, or a TypeError for a `when` of the other shape
 */
export function checkAnswer(fields: readonly Field[], answer: Answer, behaviour: HostBehaviour): Answer {
  const given: Answer = { ...answer }
  for (const field of fields) {
    const shown = field.hidden !== true && conditionsHold(field, given, behaviour)
    const value = given[field.key]
    if (!shown) {
      if (value !== undefined) throw new Error(`The field ${field.key} is hidden and may not be answered.`)
      continue
    }
    if (value !== undefined) checkValue(field, value)
    else if (field.default !== undefined && behaviour.formDefaults === "filled") given[field.key] = field.default
    else if (field.required === true) throw new Error(`The field ${field.key} is required.`)
  }
  const unknown = Object.keys(answer).find((key) => !fields.some((field) => field.key === key))
  if (unknown !== undefined) throw new Error(`The form has no field ${unknown}.`)
  return given
}

function conditionsHold({ when }: Field, given: Answer, { formWhen }: HostBehaviour): boolean {
  if (when === undefined) return true
  const holds = ({ key, op, value }: v.InferOutput<typeof Condition>) => {
    const answered = given[key]
    return answered !== undefined && (op === "eq") === (answered === value)
  }
  if (formWhen === "array") {
    // The newest check runs over an array and looks at nothing else.
    if (!Array.isArray(when)) throw new TypeError("when.every is not a function")
    return when.every(holds)
  }
  // An array has no `key`, and a condition on an unanswered field is false.
  return !Array.isArray(when) && holds(when)
}

function checkValue(field: Field, value: Answer[string]): void {
  const wrong = (why: string) => new Error(`The field ${field.key} ${why}.`)
  switch (field.type) {
    case "boolean":
      if (typeof value !== "boolean") throw wrong("must be true or false")
      return
    case "number":
      if (typeof value !== "number" || !Number.isFinite(value)) throw wrong("must be a number")
      return
    case "integer":
      if (!Number.isInteger(value)) throw wrong("must be an integer")
      return
    case "multiselect":
      if (!Array.isArray(value)) throw wrong("must be a list")
      if (field.options !== undefined && !value.every((one) => field.options?.some((option) => option.value === one)))
        throw wrong("has a value that is not an option")
      return
    case "external":
      throw wrong("is filled in elsewhere")
    case "string":
      if (typeof value !== "string") throw wrong("must be a text")
      if (value.length < (field.minLength ?? 0)) throw wrong("is too short")
      if (value.length > (field.maxLength ?? Number.POSITIVE_INFINITY)) throw wrong("is too long")
      if (field.pattern !== undefined && !new RegExp(field.pattern).test(value))
        throw wrong("does not match its pattern")
      if (field.options !== undefined && field.custom !== true && !field.options.some((one) => one.value === value))
        throw wrong("has a value that is not an option")
  }
}
