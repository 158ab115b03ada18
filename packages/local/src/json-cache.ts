import type { Logger } from "qwen-auth-core"
import * as v from "valibot"
import { readJsonFile, writeJsonFile } from "./json-file.ts"

/** A cache of named entries in one JSON file. */
export interface JsonCache<T> {
  /** The entry; undefined when there is none, or it cannot be understood. */
  get(name: string): Promise<T | undefined>
  /** Stores an entry beside the others. A failure is a debug message: nothing depends on a cache. */
  set(name: string, entry: T): Promise<void>
}

const Entries = v.record(v.string(), v.unknown())

/**
 * Keeps entries in a JSON file. Each entry is checked when it is read, so one that cannot be understood costs no other.
 * @param path absolute path
 * @param schema what an entry has to be
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
        log.debug("A cache could not be written.", { path, error })
      })
    },
  }
}
