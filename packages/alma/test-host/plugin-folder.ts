import { access, cp, mkdir, mkdtemp, readFile, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as v from "valibot"
import { Manifest } from "./manifest.ts"
import { AlmaRefusal, inWords } from "./violations.ts"

const Json = v.pipe(v.string(), v.parseJson(undefined, "is no JSON"))
const PackageJson = v.pipe(Json, v.object({ version: v.string() }))

/** A plugin as Alma has it on its disk. */
export interface InstalledPlugin {
  readonly manifest: Manifest
  /** Alma's copy of the folder. */
  readonly folder: string
  /** The file that is run, as a URL: a copy of `main.js` with nothing beside it. */
  readonly mainUrl: string
  /** A folder for the plugin's data, empty. */
  readonly storage: string
  remove(): Promise<void>
}

/**
 * Checks a folder as Alma does and copies it far from any `node_modules`. `main.js` is run from a second copy that stands alone, as
 * Alma's plugin cache does it, so that whatever is not in that one file is missing.
 * @throws AlmaRefusal when Alma would not take it
 */
export async function installPlugin(folder: string): Promise<InstalledPlugin> {
  const manifest = await checkedManifest(resolve(folder))
  const root = await realpath(await mkdtemp(join(tmpdir(), "alma-")))
  const remove = () => rm(root, { recursive: true, force: true, maxRetries: 5 })
  try {
    await refuseModulesAbove(root)
    const copy = join(root, "plugins", manifest.id)
    const main = join(root, "plugin-cache", `${manifest.id}.mjs`)
    const storage = join(root, "storage")
    await Promise.all([mkdir(storage), cp(folder, copy, { recursive: true })])
    await cp(join(folder, manifest.main), main)
    return { manifest, folder: copy, mainUrl: pathToFileURL(main).href, storage, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function checkedManifest(folder: string): Promise<Manifest> {
  const manifest = await parsed(v.pipe(Json, Manifest), join(folder, "manifest.json"))
  if (manifest === undefined) throw new AlmaRefusal("The folder has no manifest.json.")
  if (basename(folder) !== manifest.id) {
    throw new AlmaRefusal(`The folder is named ${basename(folder)}, the plugin's id is ${manifest.id}.`)
  }
  if (!(await exists(join(folder, manifest.main)))) throw new AlmaRefusal(`The folder has no ${manifest.main}.`)
  const version = (await parsed(PackageJson, join(folder, "package.json")))?.version
  if (version !== undefined && version !== manifest.version) {
    throw new AlmaRefusal(`package.json says version ${version}, manifest.json ${manifest.version}.`)
  }
  return manifest
}

/** What a file of the folder says; undefined when it is not there. */
async function parsed<T extends v.GenericSchema>(schema: T, file: string): Promise<v.InferOutput<T> | undefined> {
  if (!(await exists(file))) return undefined
  const result = v.safeParse(schema, await readFile(file, "utf8"))
  if (result.success) return result.output
  throw new AlmaRefusal(`${basename(file)}: ${inWords(result.issues).join("; ")}`)
}

/** A temporary folder below someone's `node_modules` would prove nothing. */
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
