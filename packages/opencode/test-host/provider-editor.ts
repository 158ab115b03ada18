import * as v from "valibot"
import { type Catalog, edited, newModel, ProviderSchema } from "./catalog.ts"
import type { HostState } from "./host-state.ts"
import { readOnlyCopy, strictObject } from "./strict-object.ts"

/** Creates the editor of `provider.transform`. */
export function providerEditor({ violations }: HostState, catalog: Catalog, alive: () => boolean) {
  const existing = (id: unknown, where: string) => {
    const key = violations.parse(v.string(), id, where)
    return catalog.get(key) ?? violations.refuse(`${where}: there is no provider ${key}`)
  }
  const models = {
    set(id: unknown, given: unknown) {
      const provider = existing(id, "provider.models.set")
      provider.models.clear()
      for (const model of violations.parse(v.array(v.looseObject({ id: v.string() })), given, "provider.models.set"))
        provider.models.set(model.id, structuredClone(model))
    },
    update(id: unknown, given: unknown, update: unknown) {
      const provider = existing(id, "provider.models.update")
      const modelID = violations.parse(v.string(), given, "provider.models.update")
      const model = provider.models.get(modelID) ?? newModel(provider.info.id, modelID)
      provider.models.set(modelID, edited(model, update, "provider.models.update", violations))
    },
    remove(id: unknown, modelID: unknown) {
      const provider = existing(id, "provider.models.remove")
      provider.models.delete(violations.parse(v.string(), modelID, "provider.models.remove"))
    },
  }
  const options = { violations, alive }
  return strictObject(
    "providerEditor",
    {
      list: () => [...catalog.values()].map(({ info }) => readOnlyCopy(info)),
      get(id: unknown) {
        const found = catalog.get(violations.parse(v.string(), id, "provider.get"))
        return found === undefined ? undefined : readOnlyCopy(found.info)
      },
      add(input: unknown) {
        const shape = v.strictObject({
          info: ProviderSchema,
          models: v.array(v.looseObject({ id: v.string() })),
          sourceConnection: v.optional(v.looseObject({ type: v.string() })),
        })
        const { info, models: given, sourceConnection } = violations.parse(shape, input, "provider.add")
        const entries = given.map((model): [string, object] => [model.id, structuredClone(model)])
        catalog.set(info.id, { info: structuredClone(info), models: new Map(entries), sourceConnection })
      },
      update(id: unknown, update: unknown) {
        const provider = existing(id, "provider.update")
        const info = violations.parse(
          ProviderSchema,
          edited(provider.info, update, "provider.update", violations),
          "provider.update",
        )
        if (info.id !== provider.info.id) violations.refuse("provider.update: the id cannot be changed")
        provider.info = info
      },
      remove: (id: unknown) => void catalog.delete(violations.parse(v.string(), id, "provider.remove")),
      models: strictObject("providerEditor.models", models, options),
    },
    options,
  )
}
