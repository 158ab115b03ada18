import { access, cp, mkdir, mkdtemp, readFile, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as v from "valibot"
import type { Behaviour } from "./behaviour.ts"
import { compileEntry } from "./compile-entry.ts"
import { Manifest } from "./manifest.ts"
import { AlmaRefusal, issueMessages } from "./violations.ts"

const Json = v.pipe(v.string(), v.parseJson(undefined, "is not JSON"))
const PackageJson = v.pipe(Json, v.object({ version: v.string() }))

/** A plugin in Alma's plugin folder. */
export interface InstalledPlugin {
  readonly manifest: Manifest
  /** Alma's copy of the folder. */
  readonly folder: string
  /** The URL of the file that runs: a copy of `main.js` in a folder of its own. */
  readonly mainUrl: string
  /** An empty folder for the plugin's data. */
  readonly storage: string
  remove(): Promise<void>
}

/**
 * Checks a folder as Alma does and copies it to a place without `node_modules`. A second copy of the entry runs alone, as in Alma's plugin
 * cache, so importing any other file fails.
 * @throws AlmaRefusal when Alma would not load the plugin
 */
export async function installPlugin(folder: string, entry: Behaviour["entry"]): Promise<InstalledPlugin> {
  const manifest = await readManifest(resolve(folder))
  const root = await realpath(await mkdtemp(join(tmpdir(), "alma-")))
  const remove = () => rm(root, { recursive: true, force: true, maxRetries: 5 })
  try {
    await refuseModulesAbove(root)
    const copy = join(root, "plugins", manifest.id)
    const main = join(root, "plugin-cache", `${manifest.id}.mjs`)
    const storage = join(root, "storage")
    await Promise.all([mkdir(storage), cp(folder, copy, { recursive: true }), mkdir(dirname(main))])
    await (entry === "copied" ? cp(join(copy, manifest.main), main) : compileEntry(join(copy, manifest.main), main))
    return { manifest, folder: copy, mainUrl: pathToFileURL(main).href, storage, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function readManifest(folder: string): Promise<Manifest> {
  const manifest = await readParsed(v.pipe(Json, Manifest), join(folder, "manifest.json"))
  if (manifest === undefined) throw new AlmaRefusal("The folder has no manifest.json.")
  if (basename(folder) !== manifest.id) {
    throw new AlmaRefusal(`The folder is named ${basename(folder)}, but the plugin's id is ${manifest.id}.`)
  }
  if (!(await exists(join(folder, manifest.main)))) throw new AlmaRefusal(`The folder has no ${manifest.main}.`)
  const version = (await readParsed(PackageJson, join(folder, "package.json")))?.version
  if (version !== undefined && version !== manifest.version) {
    throw new AlmaRefusal(`package.json has version ${version}, but manifest.json has ${manifest.version}.`)
  }
  return manifest
}

/** Reads and parses a file; `undefined` when it does not exist. */
async function readParsed<T extends v.GenericSchema>(schema: T, file: string): Promise<v.InferOutput<T> | undefined> {
  if (!(await exists(file))) return undefined
  const result = v.safeParse(schema, await readFile(file, "utf8"))
  if (result.success) return result.output
  throw new AlmaRefusal(`${basename(file)}: ${issueMessages(result.issues).join("; ")}`)
}

/** Below a `node_modules` folder, a missing dependency would not be noticed. */
async function refuseModulesAbove(folder: string): Promise<void> {
  for (let at = folder; ; at = dirname(at)) {
    if (await exists(join(at, "node_modules"))) throw new Error(`${at} has node_modules: set TMPDIR to another folder.`)
    if (at === dirname(at)) return
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
