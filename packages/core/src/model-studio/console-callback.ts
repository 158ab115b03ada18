import { isApiKey } from "../credentials/api-key.ts"
import { parseJsonObject } from "../http/json-object.ts"
import { apiAddress } from "./console-api-address.ts"
import { type ConsoleSite, consoleSiteNamed } from "./console-site.ts"

/** What the console handed over, checked: the key has a key's form, and the address is one that it may be sent to. */
export interface ConsoleApiKey {
  readonly apiKey: string
  /** The API's root, without a trailing slash: `https://…/compatible-mode/v1`. */
  readonly baseUrl: string
  readonly site: ConsoleSite
  readonly workspaceId: string | undefined
}

/** Why a call with the right state handed over nothing usable. */
export type UnusableCallback = "without a key" | "with an unusable key" | "with an unusable API address"

/** What a call told. Looked up by name, never passed on whole: an `access_token` among it is not for us. */
interface ConsoleCallback {
  /** Undefined when it told none. */
  readonly state: string | undefined
  /** The key, or why there is none. */
  handedOver(site: ConsoleSite): ConsoleApiKey | UnusableCallback
}

type Fields = Readonly<Record<string, unknown>>

/** A host label, because it becomes one. */
const WORKSPACE_ID = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

/**
 * Understands a call of the console's page. Observed is JSON in snake_case with the state in the query; older pages sent query
 * parameters, a form, camelCase names or an object under `data`.
 * @param query the query of the request's target
 * @param body the request's body; empty when there is none
 */
export function parseConsoleCallback(query: string, body: string): ConsoleCallback {
  const inQuery = pairs(query)
  const inBody = parseJsonObject(body) ?? pairs(body)
  const inData = fieldsOf(inBody["data"])
  const state = firstOf([inQuery, inBody, inData], "state")
  const told = [inBody, inData, inQuery]
  return {
    state: typeof state === "string" ? state : undefined,
    handedOver: (site) => handedOverKey(told, site),
  }
}

function handedOverKey(told: readonly Fields[], askedSite: ConsoleSite): ConsoleApiKey | UnusableCallback {
  const apiKey = firstOf(told, "api_key", "apiKey")
  if (apiKey === undefined) return "without a key"
  if (typeof apiKey !== "string" || !isApiKey(apiKey)) return "with an unusable key"
  const site = consoleSiteNamed(textOf(told, "console_site", "consoleSite")) ?? askedSite
  const workspace = textOf(told, "workspace_id", "workspaceId")
  const workspaceId = workspace !== undefined && WORKSPACE_ID.test(workspace) ? workspace : undefined
  const baseUrl = apiAddress({
    baseUrl: firstOf(told, "base_url", "baseUrl"),
    workspaceId,
    region: textOf(told, "console_region", "consoleRegion"),
    site,
  })
  return baseUrl === undefined ? "with an unusable API address" : { apiKey, baseUrl, site, workspaceId }
}

/** The first that says something: null and blank count as absent, as in the service's other answers. */
function firstOf(sources: readonly Fields[], ...names: readonly string[]): unknown {
  for (const source of sources) {
    for (const name of names) {
      const value = Object.hasOwn(source, name) ? source[name] : undefined
      const said = typeof value === "string" ? value.trim() : value
      if (said !== undefined && said !== null && said !== "") return said
    }
  }
  return undefined
}

function textOf(sources: readonly Fields[], ...names: readonly string[]): string | undefined {
  const value = firstOf(sources, ...names)
  return typeof value === "string" ? value : undefined
}

/** A form or a query; of a name that is there twice the first counts. Whatever the text is, this finds pairs in it or none. */
function pairs(text: string): Fields {
  return Object.fromEntries([...new URLSearchParams(text)].reverse())
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {}
}
