import { type Attempts, HostHttpError, signInAttempts } from "./attempts.ts"
import { applyConfiguration, builtInCatalog, type Catalog, type CatalogProvider, completeModel } from "./catalog.ts"
import { activeConnection, resolveConnection } from "./credentials.ts"
import { type Fold, transformFold } from "./fold.ts"
import { type Hooks, hookRegistry } from "./hooks.ts"
import type { HostState } from "./host-state.ts"
import { builtInIntegrations, type Integration, type Integrations, integrationEditor } from "./integration-editor.ts"
import { type ModelList, modelEditor } from "./model-editor.ts"
import { runAsPlugin } from "./plugin-scope.ts"
import { providerEditor } from "./provider-editor.ts"
import type { ConnectionInfo, Key, Model, OAuth } from "./types.ts"

/** The domains of one directory. */
export interface LocationDomains {
  readonly directory: string
  readonly integrations: Fold<Integrations>
  readonly providers: Fold<Catalog>
  readonly models: Fold<ModelList>
  readonly sessionHooks: Hooks
  readonly generateHooks: Hooks
  readonly attempts: Attempts
  /** Calls a function of a plugin. */
  run<T>(task: () => T): T
  /** @throws HostHttpError when there is none */
  integration(id: string): Integration
  active(integrationID: string): ConnectionInfo | undefined
  resolve(connection: unknown): Promise<OAuth | Key | undefined>
  /** Whether a provider is offered. */
  isOffered(provider: CatalogProvider): boolean
  /** The offered models. @throws when a transform fails, or Error "Schema validation failed" for an incomplete model */
  offered(): { provider: CatalogProvider; model: Model }[]
  /** Stops listening to events. */
  end(): void
}

/** Creates the domains of a directory, without plugins. */
export function locationDomains(state: HostState, directory: string): LocationDomains {
  const { violations, clock, behaviour, configuration } = state
  const run = <T>(task: () => T) =>
    runAsPlugin((text) => violations.note(`The plugin wrote to the console: ${text.slice(0, 80)}`), task)
  const configure = (catalog: Catalog) => applyConfiguration(catalog, configuration)
  const order = (apply: (catalog: Catalog) => void) =>
    behaviour.configuration === "after-plugins" ? { after: apply } : { before: apply }

  const integrations = transformFold<Integrations>({
    name: "integration",
    violations,
    clock,
    start: builtInIntegrations,
    editor: (fold, alive) => integrationEditor(state, fold, alive),
    snapshot: (fold) => [...fold.values()],
  })

  function integration(id: string): Integration {
    const found = integrations.read().get(id)
    if (found === undefined) throw new HostHttpError(404, `There is no integration ${id}.`)
    return found
  }

  const active = (id: string) => {
    const found = integrations.read().get(id)
    return found === undefined ? undefined : activeConnection(state, found)
  }

  function isOffered({ info, sourceConnection }: CatalogProvider): boolean {
    const connection = active(info.id)
    if (sourceConnection !== undefined && JSON.stringify(sourceConnection) !== JSON.stringify(connection)) return false
    return info.activation === "enabled" || connection !== undefined
  }

  let ready = false
  const providers = transformFold<Catalog>({
    name: "provider",
    violations,
    clock,
    start: builtInCatalog,
    editor: (fold, alive) => providerEditor(state, fold, alive),
    ...order(configure),
    snapshot: catalogSnapshot,
    changed: () => ready && models.replay(),
  })

  const models: Fold<ModelList> = transformFold<ModelList>({
    name: "model",
    violations,
    clock,
    start: () => ({ catalog: copyOfOffered(providers, isOffered), chosen: undefined }),
    editor: (fold, alive) => modelEditor(state, fold, alive),
    ...(behaviour.configuration === "after-plugins"
      ? { after: ({ catalog }) => applyConfiguration(catalog, onlyModels(configuration, catalog)) }
      : {}),
    snapshot: ({ catalog, chosen }) => [catalogSnapshot(catalog), chosen],
  })
  ready = true

  // All events of this host are about credentials.
  const stopListening = state.events.listen(() => {
    if (behaviour.modelFoldOnConnectionChange) models.replay()
  })

  return {
    directory,
    integrations,
    providers,
    models,
    sessionHooks: hookRegistry(state, "session"),
    generateHooks: hookRegistry(state, "generate"),
    attempts: signInAttempts({ state, integration, run }),
    run,
    integration,
    active,
    resolve: (connection) =>
      resolveConnection(state, connection, (id) => integrations.read().get(id)?.methods ?? [], run),
    isOffered,
    offered() {
      const folded = models.read().catalog
      return [...providers.read().values()].filter(isOffered).flatMap((provider) => {
        const entries = (folded.get(provider.info.id) ?? provider).models
        return [...entries.values()].map((model) => ({ provider, model: completeModel(model) }))
      })
    },
    end: stopListening,
  }
}

function copyOfOffered(providers: Fold<Catalog>, isOffered: (provider: CatalogProvider) => boolean): Catalog {
  const entries = [...providers.read()].filter(([, provider]) => isOffered(provider))
  return new Map(
    entries.map(([id, { info, models, sourceConnection }]) => [
      id,
      { info: structuredClone(info), models: structuredClone(models), sourceConnection },
    ]),
  )
}

/** The configuration of the providers that are there: it makes none available. */
function onlyModels(configuration: HostState["configuration"], catalog: Catalog): HostState["configuration"] {
  return Object.fromEntries(Object.entries(configuration).filter(([id]) => catalog.has(id)))
}

function catalogSnapshot(catalog: Catalog): unknown {
  return [...catalog.values()].map(({ info, models, sourceConnection }) => [info, [...models], sourceConnection])
}
