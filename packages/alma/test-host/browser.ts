import { EventEmitter } from "node:events"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Behaviour } from "./behaviour.ts"

/** Opens a web address. Throws when it is not one. */
type Open = (url: unknown, by: string) => void

const OPENERS: readonly string[] = ["open", "xdg-open", "rundll32"]

/** Starts the system's opener, which is the only program that this host knows. */
export function spawnOpener(behaviour: Behaviour["browser"], open: Open) {
  return (command: string, args: readonly string[]): object => {
    const child = Object.assign(new EventEmitter(), { unref() {}, kill: () => true })
    const works = behaviour === "opener" || behaviour === "failing opener"
    setImmediate(() => {
      if (!works || !OPENERS.includes(command)) {
        child.emit("error", Object.assign(new Error(`spawn ${command} ENOENT`), { code: "ENOENT" }))
        return
      }
      child.emit("spawn")
      if (behaviour === "opener") open(args.at(-1), command)
      child.emit("exit", behaviour === "opener" ? 0 : 3)
    })
    return child
  }
}

/**
 * Writes the module `electron` beside the entry, as it exists in Electron's main process.
 * @param entryUrl the URL of the file that runs
 * @returns removes what the module calls
 */
export async function provideElectron(entryUrl: string, open: Open): Promise<() => void> {
  const folder = join(dirname(fileURLToPath(entryUrl)), "node_modules", "electron")
  const name = `electron of ${entryUrl}`
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "electron", main: "index.cjs" }))
  const openExternal = `async (url) => globalThis[Symbol.for(${JSON.stringify(name)})](url, "electron")`
  await writeFile(join(folder, "index.cjs"), `exports.shell = { openExternal: ${openExternal} }`)
  const key = Symbol.for(name)
  Reflect.set(globalThis, key, open)
  return () => void Reflect.deleteProperty(globalThis, key)
}
