import { readFile, writeFile } from "node:fs/promises"
import * as v from "valibot"
import type { ThrowawayHome } from "./throwaway-home.ts"

const Configuration = v.pipe(v.string(), v.parseJson(), v.looseObject({}))

/** Replaces top-level keys of a configuration of OpenCode, as a user does in an editor. Creates the file if it does not exist. */
export async function configure(home: ThrowawayHome, changes: object, file = home.configFile): Promise<void> {
  const present = v.parse(Configuration, await readFile(file, "utf8").catch(() => "{}"))
  await writeFile(file, JSON.stringify({ ...present, ...changes }))
}
