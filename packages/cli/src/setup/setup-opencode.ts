import { existsSync } from "node:fs"
import { realpath, rm } from "node:fs/promises"
import { isAbsolute, join, resolve } from "node:path"
import { parse } from "jsonc-parser"
import { openCodeConfigFolder } from "qwen-auth-local/opencode-paths"
import { CommandError } from "../command-error.ts"
import { variable, type World } from "../world.ts"
import { builtCheckout } from "./checkout.ts"
import { fileProblem, isReadOnly, readText, type TextFile, writeText } from "./config-text.ts"
import type { SetupOptions, SetupResult } from "./host-setup.ts"
import { lineDiff } from "./line-diff.ts"
import {
  addPlugin,
  isOurPlugin,
  LISTS,
  listedPlugins,
  PLUGIN_NAME,
  type PluginEntries,
  removePlugin,
  UnusableConfig,
} from "./plugin-lists.ts"

/** The files of OpenCode's configuration folder, the one that counts most first. */
const CONFIG_FILES = ["opencode.jsonc", "opencode.json", "config.json"]

/** Returns the absolute path of OpenCode's global configuration; it may not exist. */
export function openCodeConfigFile(world: Pick<World, "sources" | "folder">): string {
  const named = variable(world, "OPENCODE_CONFIG")
  if (named !== undefined) return isAbsolute(named) ? named : resolve(world.folder, named)
  const paths = CONFIG_FILES.map((name) => join(openCodeConfigFolder(world.sources), name))
  return paths.find((path) => existsSync(path)) ?? join(openCodeConfigFolder(world.sources), "opencode.json")
}

/**
 * Puts the plugin into OpenCode's configuration, or removes it.
 * @throws CommandError: the file cannot be read, changed or written
 */
export async function setupOpenCode(world: World, options: SetupOptions): Promise<SetupResult> {
  const path = openCodeConfigFile(world)
  try {
    const present = await readText(path)
    return await (options.remove ? removeFrom : addTo)(world, path, present, options)
  } catch (error) {
    throw describe(path, options, error)
  }
}

async function addTo(world: World, path: string, present: TextFile, options: SetupOptions): Promise<SetupResult> {
  const text = addPlugin(present.text, options.fromCheckout ? checkoutEntries(world) : PUBLISHED)
  if (text === present.text) return { changed: false, path, message: `The plugin is in ${path} already.` }
  const diff = lineDiff(present.text, text)
  if (options.dryRun) return { changed: true, path, diff, message: `This would change ${path}.` }
  if (isReadOnly(path, present)) throw new UnusableConfig("it is read-only")
  const backup = backupOf(path)
  const first = present.mode !== undefined && !existsSync(backup)
  if (first) await writeText(world.platform, backup, present)
  await writeText(world.platform, path, { ...present, text })
  const message = [
    `The plugin is in ${path} now.`,
    ...(first ? [`The file as it was before: ${backup}`] : []),
    "Restart OpenCode, then sign in: opencode auth login -p alibaba",
  ]
  return { changed: true, path, diff, message: message.join("\n") }
}

async function removeFrom(world: World, path: string, present: TextFile, options: SetupOptions): Promise<SetupResult> {
  const backup = backupOf(path)
  const before = existsSync(backup) ? (await readText(backup)).text : undefined
  const text = textBefore(present.text, before)
  if (text === present.text) return { changed: false, path, message: `The plugin is not in ${path}.` }
  const diff = lineDiff(present.text, text ?? "")
  if (options.dryRun) return { changed: true, path, diff, message: `This would change ${path}.` }
  if (isReadOnly(path, present)) throw new UnusableConfig("it is read-only")
  // A symbolic link stays, as it was there before the file.
  if (text === undefined) await rm(await realpath(path), { force: true })
  else await writeText(world.platform, path, { ...present, text })
  const message = `The plugin is no longer in ${path}. Restart OpenCode.`
  // Entries of the user's own cannot be recovered from anywhere else.
  if (before !== undefined && removePlugin(before) !== before) {
    return { changed: true, path, diff, message: `${message}\nThe entries from before the setup are in ${backup}.` }
  }
  await rm(backup, { force: true })
  return { changed: true, path, diff, message }
}

/**
 * Returns the text without the plugin; undefined if the file did not exist before. If only the plugin was added since
 * the backup, it is the text of the backup, unless the plugin was in it already.
 */
function textBefore(text: string, backup: string | undefined): string | undefined {
  const without = removePlugin(text)
  if (without === text) return text
  const [plugin, plugins] = LISTS.map((list) => listedPlugins(parse(text), list).find(isOurPlugin))
  if (plugin === undefined || plugins === undefined) return without
  if (backup !== undefined && removePlugin(backup) !== backup) return without
  if (addPlugin(backup ?? "", { plugin, plugins }) === text) return backup
  return without
}

function backupOf(path: string): string {
  return `${path}.before-qwen-auth`
}

const PUBLISHED: PluginEntries = { plugin: PLUGIN_NAME, plugins: PLUGIN_NAME }

function checkoutEntries(world: World): PluginEntries {
  const folder = join(builtCheckout(world, join("packages", "opencode", "dist", "index.js")), "packages", "opencode")
  // OpenCode 2 does not read the package.json of a local folder. It looks for index.js in it.
  return { plugin: folder, plugins: join(folder, "dist") }
}

/** Returns the error for the user; an error that is not about the file is returned as it is. */
function describe(path: string, { remove }: SetupOptions, error: unknown): unknown {
  const reason = error instanceof UnusableConfig ? error.message : fileProblem(error)
  if (reason === undefined) return error
  const change = remove ? "remove the plugin from" : `add "${PLUGIN_NAME}" to`
  return new CommandError(
    `OpenCode's configuration ${path} cannot be changed: ${reason}. Correct that, or ${change} its lists ` +
      `"plugin" (OpenCode 1) and "plugins" (OpenCode 2) yourself.`,
  )
}
