import type { Logger } from "qwen-auth-core"
import * as v from "valibot"
import { readJsonFile, writeJsonFile } from "./json-file.ts"

/** A cache of named entries in one JSON file. */
export interface JsonCache<T> {
  /** Returns the entry; undefined if there is none or it is invalid. */
  get(name: string): Promise<T | undefined>
  /** Adds or replaces an entry. A failure is only a debug message. */
  set(name: string, entry: T): Promise<void>
}

const Entries = v.record(v.string(), v.unknown())

/**
 * Creates a cache in a JSON file. Each entry is validated separately, so an invalid one does not affect the others.
 * @param path absolute path
 * @param schema validates an entry
 */
export function jsonCache<T>(path: string, schema: v.GenericSchema<T>, log: Logger): JsonCache<T> {
  const entries = async () => {
    const parsed = v.safeParse(Entries, await readJsonFile(path))
    return parsed.success ? parsed.output : {}
  }
  return {
    async get(name) {
      const all = await entries()
      const parsed = v.safeParse(schema, Object.hasOwn(all, name) ? all[name] : undefined)
      return parsed.success ? parsed.output : undefined
    },
    async set(name, entry) {
      await writeJsonFile(path, { ...(await entries()), [name]: entry }).catch((error: unknown) => {
        log.debug("The cache could not be written.", { path, error })
      })
    },
  }
}
