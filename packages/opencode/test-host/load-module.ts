import { readdir, readFile, stat } from "node:fs/promises"
import { extname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as v from "valibot"
import { type Callable, CallableSchema, type Violations } from "./violations.ts"

/** A plugin that OpenCode does not load. */
class PluginLoadError extends Error {
  override readonly name = "PluginLoadError"
}

/** A loaded plugin. */
export interface LoadedPlugin {
  readonly id: string
  readonly setup: Callable
}

/** What a person installs: a local folder, a package that is already unpacked, or an imported module's namespace. */
export type PluginSource = string | { readonly package: string } | { readonly default?: unknown }

const REFUSAL = "Plugin must export a default definition with an id and an effect or setup function."
const EXTENSIONS = [".ts", ".js", ".mjs"]

const Definition = v.looseObject({
  id: v.string(),
  setup: v.optional(CallableSchema),
  effect: v.optional(CallableSchema),
})

// Vite rewrites `import()` in this file. The data URL keeps the runtime's own.
const runtimeImport = "data:text/javascript,export const load = (url) => import(url)"
const Loader = v.object({ load: CallableSchema })

/** Loads a plugin as the configuration names it. @throws PluginLoadError */
export async function loadPlugin(source: PluginSource, violations: Violations): Promise<LoadedPlugin> {
  if (typeof source === "string") return readDefinition(await importFile(await folderEntry(source)), violations)
  if ("package" in source) return readDefinition(await importFile(await packageEntry(source.package)), violations)
  return readDefinition(source, violations)
}

/** Loads the files that a directory's `.opencode/plugins` holds. @throws PluginLoadError */
export async function loadDirectoryPlugins(directory: string, violations: Violations): Promise<LoadedPlugin[]> {
  const folder = join(directory, ".opencode", "plugins")
  const names = await readdir(folder).catch(() => [])
  const files = names.filter((name) => EXTENSIONS.includes(extname(name))).sort()
  return Promise.all(files.map(async (name) => readDefinition(await importFile(join(folder, name)), violations)))
}

/** Reads the definition of a module. @throws PluginLoadError */
function readDefinition(module: unknown, violations: Violations): LoadedPlugin {
  const { default: definition } = v.parse(v.looseObject({ default: v.unknown() }), {
    default: undefined,
    ...Object(module),
  })
  // The schema refuses a function, even one with the properties of a definition.
  const parsed = v.safeParse(Definition, definition)
  if (!parsed.success) throw new PluginLoadError(REFUSAL)
  const { id, setup, effect } = parsed.output
  if (effect !== undefined) violations.note(`The plugin ${id} has an effect, which this host does not run.`)
  if (setup === undefined && effect === undefined) throw new PluginLoadError(REFUSAL)
  return { id, setup: setup ?? (() => undefined) }
}

/** Imports a file once per version: a changed file is imported again beside the old one. */
async function importFile(file: string): Promise<unknown> {
  const { load } = v.parse(Loader, await import(/* @vite-ignore */ runtimeImport))
  const { mtimeMs } = await stat(file)
  // Bun ignores the query of a file URL.
  const address = "bun" in process.versions ? file : pathToFileURL(file).href
  try {
    return await load(`${address}?mtime=${mtimeMs}`)
  } catch (error) {
    throw new PluginLoadError("Plugin failed to load", { cause: error })
  }
}

/** `server.*`, then `index.*`. `main` is ignored. */
async function folderEntry(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => undefined)
  if (names === undefined) throw new PluginLoadError(`A plugin is a package or a folder, and ${folder} is neither.`)
  const candidates = ["server", "index"].flatMap((name) => EXTENSIONS.map((extension) => name + extension))
  const found = candidates.find((name) => names.includes(name))
  if (found === undefined) throw new PluginLoadError(`The folder ${folder} has no server.* and no index.*.`)
  return join(folder, found)
}

const Manifest = v.looseObject({ exports: v.optional(v.unknown()), main: v.optional(v.string()) })

/** `exports["./server"]`, then the root. */
async function packageEntry(folder: string): Promise<string> {
  const { exports, main } = v.parse(Manifest, JSON.parse(await readFile(join(folder, "package.json"), "utf8")))
  const subpaths = v.is(v.record(v.string(), v.unknown()), exports) ? exports : {}
  const hasSubpaths = Object.keys(subpaths).some((key) => key.startsWith("."))
  const root = hasSubpaths ? subpaths["."] : exports
  const target = exportTarget(subpaths["./server"]) ?? exportTarget(root) ?? main ?? "index.js"
  return resolve(folder, target)
}

function exportTarget(entry: unknown): string | undefined {
  if (typeof entry === "string") return entry
  if (!v.is(v.record(v.string(), v.unknown()), entry)) return undefined
  return exportTarget(entry["import"]) ?? exportTarget(entry["default"])
}
