import { isApiKey } from "../credentials/api-key.ts"
import type { ApiKeyCredential } from "../credentials/credential.ts"
import { fieldsOf, parseJsonObject } from "../http/json-object.ts"
import { consoleEndpoint } from "./console-endpoint.ts"
import { type ConsoleSite, consoleSiteNamed } from "./console-site.ts"

/** Why a call with the correct state contains no usable key. */
export type UnusableCallback = "without a key" | "with an unusable key" | "with an unusable API address"

/** The relevant fields of a call. The console also sends an `access_token`, which is not read. */
interface ConsoleCallback {
  /** Undefined if the call has none. */
  readonly state: string | undefined
  /** The key and its endpoint, or the reason why the call has no usable ones. */
  readonly key: ApiKeyCredential | UnusableCallback
}

type Fields = Readonly<Record<string, unknown>>

/** A valid host label, because it becomes a part of a host name. */
const WORKSPACE_ID = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

/**
 * Parses a call of the console's page. Today's page sends JSON in snake_case with the state in the query. Older pages
 * sent query parameters, a form, camelCase names or an object under `data`.
 * @param query the query of the request target
 * @param body the request's body; empty if there is none
 * @param openedSite the console that was opened, for a call that does not name its console
 */
export function parseConsoleCallback(query: string, body: string, openedSite: ConsoleSite): ConsoleCallback {
  const inQuery = parseForm(query)
  const inBody = parseJsonObject(body) ?? parseForm(body)
  const inData = fieldsOf(inBody["data"]) ?? {}
  return {
    state: textOf([inQuery, inBody, inData], "state"),
    key: readKey([inBody, inData, inQuery], openedSite),
  }
}

function readKey(sources: readonly Fields[], openedSite: ConsoleSite): ApiKeyCredential | UnusableCallback {
  const apiKey = firstOf(sources, "api_key", "apiKey")
  if (apiKey === undefined) return "without a key"
  if (typeof apiKey !== "string" || !isApiKey(apiKey)) return "with an unusable key"
  const workspace = textOf(sources, "workspace_id", "workspaceId")
  const endpoint = consoleEndpoint({
    baseUrl: firstOf(sources, "base_url", "baseUrl"),
    workspaceId: workspace !== undefined && WORKSPACE_ID.test(workspace) ? workspace : undefined,
    region: textOf(sources, "console_region", "consoleRegion"),
    site: consoleSiteNamed(textOf(sources, "console_site", "consoleSite")) ?? openedSite,
  })
  return endpoint === undefined ? "with an unusable API address" : { type: "api_key", apiKey, ...endpoint }
}

/**
 * Returns the first value of a name in the sources. Null and blank values count as missing, like in the service's
 * responses.
 */
function firstOf(sources: readonly Fields[], ...names: readonly string[]): unknown {
  for (const source of sources) {
    for (const name of names) {
      const value = Object.hasOwn(source, name) ? source[name] : undefined
      const trimmed = typeof value === "string" ? value.trim() : value
      if (trimmed !== undefined && trimmed !== null && trimmed !== "") return trimmed
    }
  }
  return undefined
}

function textOf(sources: readonly Fields[], ...names: readonly string[]): string | undefined {
  const value = firstOf(sources, ...names)
  return typeof value === "string" ? value : undefined
}

/** Parses a form or a query. If a name occurs several times, its first value counts. */
function parseForm(text: string): Fields {
  return Object.fromEntries([...new URLSearchParams(text)].reverse())
}
