import * as v from "valibot"
import { FormSchema, unknownFields } from "./form.ts"
import type { HostState } from "./host-state.ts"
import { readOnlyCopy, strictObject } from "./strict-object.ts"
import { type Callable, CallableSchema } from "./violations.ts"

const Label = v.pipe(v.string(), v.minLength(1))
const OAuthMethod = v.strictObject({
  id: Label,
  type: v.literal("oauth"),
  label: Label,
  form: v.optional(FormSchema),
})
const KeyMethod = v.strictObject({ type: v.literal("key"), label: v.optional(Label), form: v.optional(FormSchema) })
const EnvMethod = v.strictObject({ type: v.literal("env"), names: v.pipe(v.array(v.string()), v.minLength(1)) })
const CommandMethod = v.strictObject({
  id: Label,
  type: v.literal("command"),
  label: Label,
  command: v.pipe(v.array(v.string()), v.minLength(1)),
})

const MethodSchema = v.variant("type", [OAuthMethod, KeyMethod, EnvMethod, CommandMethod])
type MethodData = v.InferOutput<typeof MethodSchema>

const Functions = v.strictObject({
  integrationID: v.string(),
  method: v.unknown(),
  authorize: CallableSchema,
  refresh: v.optional(CallableSchema),
  label: v.optional(CallableSchema),
})
const NoFunctions = v.strictObject({ integrationID: v.string(), method: v.unknown() })

/** A method and the functions of its plugin. */
export interface Method {
  readonly data: MethodData
  readonly authorize?: Callable | undefined
  readonly refresh?: Callable | undefined
  readonly label?: Callable | undefined
}

/** An integration, for example `alibaba`. */
export interface Integration {
  readonly id: string
  name: string
  methods: Method[]
}

export type Integrations = Map<string, Integration>

/** What OpenCode has without any plugin. */
export function builtInIntegrations(): Integrations {
  const methods: Method[] = [
    { data: { type: "key", label: "API key" } },
    { data: { type: "env", names: ["DASHSCOPE_API_KEY"] } },
  ]
  return new Map([["alibaba", { id: "alibaba", name: "Alibaba", methods }]])
}

/** The data of an integration, as clients get it. */
export function integrationInfo({ id, name, methods }: Integration) {
  return { id, name, methods: methods.map(({ data }) => data) }
}

/** Creates the editor of `integration.transform`. */
export function integrationEditor({ violations, behaviour }: HostState, state: Integrations, alive: () => boolean) {
  const text = (value: unknown, where: string) => violations.parse(v.string(), value, where)
  const existing = (value: unknown, where: string): Integration => {
    const id = text(value, where)
    return state.get(id) ?? violations.refuse(`${where}: there is no integration ${id}`)
  }
  const reference = ({ id, name }: Integration) => readOnlyCopy({ id, name })

  function parseMethod(input: unknown): { integrationID: string; method: Method } {
    const where = "integration.method.update"
    const { method } = violations.parse(v.looseObject({ method: v.looseObject({ type: v.string() }) }), input, where)
    const { integrationID, ...functions } = violations.parse(
      method.type === "oauth" ? Functions : NoFunctions,
      input,
      where,
    )
    const data = violations.parse(MethodSchema, method, where)
    const form = "form" in data ? data.form : undefined
    const unknown = form === undefined ? undefined : unknownFields(form, behaviour)
    if (unknown !== undefined) violations.refuse(`${where}: ${unknown}`)
    return { integrationID, method: { ...functions, data: structuredClone(data) } }
  }

  const methods = {
    list: (id: unknown) => readOnlyCopy(existing(id, "integration.method.list").methods.map(({ data }) => data)),
    remove(id: unknown, given: unknown) {
      const integration = existing(id, "integration.method.remove")
      const method = violations.parse(
        v.looseObject({ type: v.string(), id: v.optional(v.string()) }),
        given,
        "integration.method.remove",
      )
      integration.methods = integration.methods.filter(({ data }) => identity(data) !== identity(method))
    },
    update(input: unknown) {
      const { integrationID, method } = parseMethod(input)
      const integration = existing(integrationID, "integration.method.update")
      const at = integration.methods.findIndex(({ data }) => identity(data) === identity(method.data))
      if (at === -1) integration.methods.push(method)
      else integration.methods[at] = method
    },
  }
  const options = { violations, alive }
  return strictObject(
    "integrationEditor",
    {
      list: () => [...state.values()].map(reference),
      get(id: unknown) {
        const found = state.get(text(id, "integration.get"))
        return found === undefined ? undefined : reference(found)
      },
      update(id: unknown, update: unknown) {
        const key = text(id, "integration.update")
        const entry = state.get(key) ?? { id: key, name: key, methods: [] }
        const draft = { id: key, name: entry.name }
        violations.parse(CallableSchema, update, "integration.update")(draft)
        if (draft.id !== key) violations.refuse("integration.update: the id cannot be changed")
        state.set(key, { ...entry, name: text(draft.name, "integration.update") })
      },
      remove: (id: unknown) => void state.delete(text(id, "integration.remove")),
      method: strictObject("integrationEditor.method", methods, options),
    },
    options,
  )
}

/** One key method, one env method, and one method per id of the other types. */
function identity(method: { type: string; id?: string | undefined }): string {
  return method.id === undefined ? method.type : `${method.type} ${method.id}`
}
