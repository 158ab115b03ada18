import * as v from "valibot"
import { OAuthSchema, UncheckedOAuthSchema } from "./credential-schema.ts"
import type { StoredCredential } from "./database.ts"
import type { HostState } from "./host-state.ts"
import type { Integration, Method } from "./integration-editor.ts"
import type { ConnectionInfo, Key, OAuth } from "./types.ts"
import type { Callable } from "./violations.ts"

const ConnectionSchema = v.variant("type", [
  v.object({ type: v.literal("credential"), id: v.string() }),
  v.object({ type: v.literal("env"), name: v.string() }),
])

/**
 * Parses the credential that a sign-in or a refresh gives.
 * @throws Error "Schema validation failed"
 */
export function parseOAuth(value: unknown, { behaviour }: HostState): OAuth {
  const parsed = v.safeParse(behaviour.oauthResult === "checked" ? OAuthSchema : UncheckedOAuthSchema, value)
  if (!parsed.success) throw new Error("Schema validation failed")
  const { type, methodID, access, refresh, expires, metadata } = parsed.output
  return { type, methodID, access, refresh, expires, ...(metadata === undefined ? {} : { metadata }) }
}

/** Stores a credential beside the others and makes it the active one. */
export function addCredential(
  state: HostState,
  integrationID: string,
  label: string,
  value: OAuth | Key,
): StoredCredential {
  const { database, events } = state
  const credential = { id: state.newId("cred"), integrationID, label, value: structuredClone(value) }
  database.credentials.push(credential)
  database.activated.set(integrationID, credential.id)
  events.emit("credential.updated", { integrationID, credentialID: credential.id })
  if (state.behaviour.activeCredential === "activated")
    events.emit("credential.switched", { integrationID, credentialID: credential.id })
  return credential
}

/** Removes a credential. @throws Error when there is none */
export function removeCredential(state: HostState, id: string): void {
  const { credentials, activated } = state.database
  const at = credentials.findIndex((one) => one.id === id)
  const [removed] = at === -1 ? [] : credentials.splice(at, 1)
  if (removed === undefined) throw new Error(`There is no credential ${id}.`)
  const { integrationID } = removed
  if (activated.get(integrationID) === id) {
    const next = credentials.findLast((one) => one.integrationID === integrationID)
    if (next === undefined) activated.delete(integrationID)
    else activated.set(integrationID, next.id)
  }
  state.events.emit("credential.updated", { integrationID, credentialID: id })
}

/** Activates a stored credential. @throws Error when there is none, or this version has no activation */
export function switchCredential(state: HostState, id: string): void {
  if (state.behaviour.activeCredential === "newest") throw new Error("In this version the newest credential is active.")
  const found = state.database.credentials.find((one) => one.id === id)
  if (found === undefined) throw new Error(`There is no credential ${id}.`)
  state.database.activated.set(found.integrationID, id)
  state.events.emit("credential.switched", { integrationID: found.integrationID, credentialID: id })
}

/** The label of a new credential without a label of its own: the integration's name, numbered from the second on. */
export function numberedLabel({ database }: HostState, { id, name }: Integration): string {
  const taken = new Set(database.credentials.filter((one) => one.integrationID === id).map(({ label }) => label))
  let label = name
  for (let n = 2; taken.has(label); n++) label = `${name} ${n}`
  return label
}

/** The connection that requests use: a stored credential, else a variable of the environment. */
export function activeConnection(state: HostState, integration: Integration): ConnectionInfo | undefined {
  const { database, behaviour, environment } = state
  const stored = database.credentials.filter(({ integrationID }) => integrationID === integration.id)
  const activated = stored.find(({ id }) => id === database.activated.get(integration.id))
  const credential = behaviour.activeCredential === "activated" ? (activated ?? stored.at(-1)) : stored.at(-1)
  if (credential !== undefined) {
    return { type: "credential", id: credential.id, label: credential.label, method: credential.value.type }
  }
  const names = integration.methods.flatMap(({ data }) => (data.type === "env" ? data.names : []))
  const ordered = behaviour.envOrder === "names" ? names : names.toReversed()
  const name = ordered.find((one) => (environment[one] ?? "") !== "")
  return name === undefined ? undefined : { type: "env", name }
}

/**
 * Resolves a connection to what a request carries. An OAuth credential that is due is refreshed by the method of its `methodID`.
 * @param methods the methods of the connection's integration in this directory
 * @param run calls a function of the plugin
 * @throws what `refresh` rejects with
 */
export async function resolveConnection(
  state: HostState,
  connection: unknown,
  methods: (integrationID: string) => readonly Method[],
  run: <T>(task: () => T) => T,
): Promise<OAuth | Key | undefined> {
  const parsed = v.parse(ConnectionSchema, connection)
  if (parsed.type === "env") {
    const key = state.environment[parsed.name]
    return key === undefined ? undefined : { type: "key", key }
  }
  const stored = state.database.credentials.find(({ id }) => id === parsed.id)
  if (stored === undefined) return undefined
  const { value } = stored
  if (value.type === "key" || value.expires > state.clock.now() + state.behaviour.refreshMarginMs) {
    return structuredClone(value)
  }
  const method = methods(stored.integrationID).find(({ data }) => data.type === "oauth" && data.id === value.methodID)
  if (method?.refresh === undefined) {
    if (state.behaviour.expiredWithoutRefresh === "refused") throw new Error("The credential has expired.")
    return structuredClone(value)
  }
  return structuredClone(await refreshStored(state, stored, value, method.refresh, run))
}

async function refreshStored(
  state: HostState,
  stored: StoredCredential,
  value: OAuth,
  refresh: Callable,
  run: <T>(task: () => T) => T,
): Promise<OAuth> {
  const start = async () => {
    const renewed = parseOAuth(await run(async () => refresh(structuredClone(value))), state)
    if (state.database.credentials.includes(stored)) {
      stored.value = renewed
      state.events.emit("credential.updated", { integrationID: stored.integrationID, credentialID: stored.id })
    }
    return renewed
  }
  if (!state.behaviour.joinsRefresh) return start()
  const running = state.refreshes.get(stored.id)
  const joined = running ?? start().finally(() => state.refreshes.delete(stored.id))
  if (running === undefined) {
    joined.catch(() => {})
    state.refreshes.set(stored.id, joined)
  }
  return parseOAuth(await joined, state)
}
