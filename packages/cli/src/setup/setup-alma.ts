import { existsSync } from "node:fs"
import { cp, mkdir, readdir, readFile, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { almaPluginFolder } from "qwen-auth-local/alma-paths"
import { readJsonFile } from "qwen-auth-local/json-file"
import * as v from "valibot"
import { CommandError } from "../command-error.ts"
import type { World } from "../world.ts"
import { builtCheckout } from "./checkout.ts"
import type { SetupOptions, SetupResult } from "./host-setup.ts"

/** The id of the plugin, which is the name of its folder. */
const ID = "qwen-auth"
const BUILT = join("packages", "alma", "dist", ID)
/** Another public plugin has the same id, so the package's name decides whose folder it is. */
const OurPackage = v.object({ name: v.literal("qwen-auth-alma"), version: v.string() })

/**
 * Copies the plugin's folder to Alma, or removes it. A folder of another plugin with the same id is kept beside it, and
 * put back by `--remove`.
 * @throws CommandError: the folder cannot be copied or removed
 */
export async function setupAlma(world: World, options: SetupOptions): Promise<SetupResult> {
  const path = join(almaPluginFolder(world.sources), ID)
  const other = `${path}.before-qwen-auth`
  try {
    return options.remove ? await remove(path, other, options) : await copy(world, path, other, options)
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error
    throw new CommandError(
      `Alma's folder ${path} cannot be changed: ${String(error.code)}. Check its permissions and the free space on the disk.`,
    )
  }
}

/** Returns the version of our plugin in a folder; undefined if it is not there. */
export async function almaPluginVersion(folder: string): Promise<string | undefined> {
  const parsed = v.safeParse(OurPackage, await readJsonFile(join(folder, "package.json")))
  return parsed.success ? parsed.output.version : undefined
}

async function copy(
  world: World,
  path: string,
  other: string,
  { dryRun, fromCheckout }: SetupOptions,
): Promise<SetupResult> {
  const source = sourceFolder(world, fromCheckout)
  const present = existsSync(path)
  if (present && (await sameFiles(source, path)))
    return { changed: false, path, message: `Alma has the plugin already: ${path}` }
  if (dryRun) return { changed: true, path, message: `This would copy ${source} to ${path}.` }
  const foreign = present && (await almaPluginVersion(path)) === undefined
  if (foreign && existsSync(other))
    throw new CommandError(`${path} is another plugin, and ${other} exists. Move one of them away.`)
  // Alma sees the old folder or the new one, never a part of it.
  const copied = `${path}.new`
  await rm(copied, { recursive: true, force: true })
  await mkdir(almaPluginFolder(world.sources), { recursive: true })
  try {
    await cp(source, copied, { recursive: true })
  } catch (error) {
    await rm(copied, { recursive: true, force: true })
    throw error
  }
  if (foreign) await rename(path, other)
  else await rm(path, { recursive: true, force: true })
  await rename(copied, path)
  const message = [
    `Alma's plugin is in ${path} now.`,
    ...(foreign ? [`Another plugin with the same id was there. It is kept: ${other}`] : []),
    "In Alma: Settings > Plugins > Refresh, enable it, grant its permissions.",
  ]
  return { changed: true, path, message: message.join("\n") }
}

async function remove(path: string, other: string, { dryRun }: SetupOptions): Promise<SetupResult> {
  if ((await almaPluginVersion(path)) === undefined)
    return { changed: false, path, message: `The plugin is not in ${path}.` }
  if (dryRun) return { changed: true, path, message: `This would remove ${path}.` }
  await rm(path, { recursive: true, force: true })
  if (existsSync(other)) await rename(other, path)
  return { changed: true, path, message: `The plugin is no longer in ${path}. Restart Alma.` }
}

/** The published package contains the folder. */
function sourceFolder(world: World, fromCheckout: boolean): string {
  const packed = join(world.programFolder, "alma", ID)
  if (!fromCheckout && existsSync(packed)) return packed
  return join(builtCheckout(world, join(BUILT, "main.js")), BUILT)
}

async function sameFiles(source: string, target: string): Promise<boolean> {
  const names = (await readdir(source)).sort()
  if (names.join("/") !== (await readdir(target)).sort().join("/")) return false
  const same = await Promise.all(
    names.map(async (name) => (await readFile(join(source, name))).equals(await readFile(join(target, name)))),
  )
  return same.every(Boolean)
}
