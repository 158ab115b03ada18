import { readFile } from "node:fs/promises"
import * as v from "valibot"
import { AuthJsonSchema } from "./credential-schema.ts"
import type { Key, OAuth } from "./types.ts"

/** A stored credential. */
export interface StoredCredential {
  readonly id: string
  readonly integrationID: string
  readonly label: string
  value: OAuth | Key
}

/** What is on disk. Pass one database to several hosts to play several processes or a restart. */
export interface Database {
  /** In the order in which they were stored. */
  readonly credentials: StoredCredential[]
  /** The id of the activated credential by integration. */
  readonly activated: Map<string, string>
  /** `context.storage`, as JSON. */
  readonly storage: Map<string, string>
  /** Which line made the database. */
  readonly madeBy: "1.x" | "2.x"
  imported: boolean
  lastId: number
}

export function memoryDatabase(madeBy: "1.x" | "2.x" = "2.x"): Database {
  return { credentials: [], activated: new Map(), storage: new Map(), madeBy, imported: false, lastId: 0 }
}

/**
 * Imports 1.x's auth.json, once for a database.
 * @param names the names of the integrations, which become labels
 * @throws when the file cannot be read or is not an auth.json
 */
export async function importAuthJson(
  database: Database,
  file: string,
  newId: () => string,
  nameOf: (integrationID: string) => string,
): Promise<void> {
  if (database.imported) return
  database.imported = true
  const entries = v.parse(AuthJsonSchema, JSON.parse(await readFile(file, "utf8")))
  for (const [integrationID, entry] of Object.entries(entries)) {
    const value = importedCredential(entry)
    if (value === undefined) continue
    database.credentials.push({ id: newId(), integrationID, label: nameOf(integrationID), value })
  }
}

function importedCredential(entry: v.InferOutput<typeof AuthJsonSchema>[string]): OAuth | Key | undefined {
  if (entry.type === "api") {
    return { type: "key", key: entry.key, ...(entry.metadata === undefined ? {} : { metadata: entry.metadata }) }
  }
  if (entry.type !== "oauth") return undefined
  const { access, refresh, expires, accountId, enterpriseUrl } = entry
  const metadata = {
    ...(accountId === undefined ? {} : { accountID: accountId }),
    ...(enterpriseUrl === undefined ? {} : { enterpriseUrl }),
  }
  return {
    type: "oauth",
    methodID: "oauth",
    access,
    refresh,
    expires,
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  }
}
