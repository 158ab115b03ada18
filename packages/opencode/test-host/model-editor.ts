import * as v from "valibot"
import { type Catalog, edited } from "./catalog.ts"
import type { HostState } from "./host-state.ts"
import { readOnlyCopy, strictObject } from "./strict-object.ts"

/** The models of available providers, and the default model. */
export interface ModelList {
  readonly catalog: Catalog
  chosen: { providerID: string; modelID: string } | undefined
}

/** Creates the editor of `model.transform`. It sees available providers only. */
export function modelEditor({ violations }: HostState, state: ModelList, alive: () => boolean) {
  const { catalog } = state
  const text = (value: unknown, where: string) => violations.parse(v.string(), value, where)
  const find = (providerID: unknown, modelID: unknown, where: string) =>
    catalog.get(text(providerID, where))?.models.get(text(modelID, where))
  const options = { violations, alive }
  const chosen = {
    get: () => state.chosen,
    set(providerID: unknown, modelID: unknown) {
      state.chosen = { providerID: text(providerID, "model.default.set"), modelID: text(modelID, "model.default.set") }
    },
  }
  const provider = {
    list: () => [...catalog.values()].map(({ info }) => readOnlyCopy(info)),
    get(id: unknown) {
      const found = catalog.get(text(id, "model.provider.get"))
      return found === undefined ? undefined : readOnlyCopy(found.info)
    },
  }
  return strictObject(
    "modelEditor",
    {
      list: (providerID?: unknown) =>
        [...catalog.values()]
          .filter(({ info }) => providerID === undefined || info.id === providerID)
          .flatMap(({ models }) => [...models.values()].map(readOnlyCopy)),
      get(providerID: unknown, modelID: unknown) {
        const found = find(providerID, modelID, "model.get")
        return found === undefined ? undefined : readOnlyCopy(found)
      },
      update(providerID: unknown, modelID: unknown, update: unknown) {
        const found = find(providerID, modelID, "model.update")
        if (found === undefined) return
        catalog
          .get(text(providerID, "model.update"))
          ?.models.set(text(modelID, "model.update"), edited(found, update, "model.update", violations))
      },
      remove(providerID: unknown, modelID: unknown) {
        catalog.get(text(providerID, "model.remove"))?.models.delete(text(modelID, "model.remove"))
      },
      default: strictObject("modelEditor.default", chosen, options),
      provider: strictObject("modelEditor.provider", provider, options),
    },
    options,
  )
}
