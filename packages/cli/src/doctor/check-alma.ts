import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { almaPluginFolder } from "qwen-auth-local/alma-paths"
import { readJsonFile } from "qwen-auth-local/json-file"
import * as v from "valibot"
import { almaPluginVersion } from "../setup/setup-alma.ts"
import { type Check, note, ok, problem } from "./finding.ts"

const Manifest = v.object({ id: v.literal("qwen-auth"), main: v.string() })
const SETUP = "Run: qwen-auth setup alma"

/** Checks Alma's plugin folder. */
export const checkAlma: Check = async ({ world }) => {
  const plugins = almaPluginFolder(world.sources)
  const folder = join(plugins, "qwen-auth")
  if (!existsSync(dirname(plugins))) return []
  if (!existsSync(folder)) return [note("Alma", `Alma has no Qwen plugin. ${SETUP}`)]
  const version = await almaPluginVersion(folder)
  if (version === undefined) return [problem("Alma", `${folder} is another plugin with the same id.`, SETUP)]
  const manifest = v.safeParse(Manifest, await readJsonFile(join(folder, "manifest.json")))
  if (!manifest.success || !existsSync(join(folder, manifest.output.main)))
    return [problem("Alma", `The plugin in ${folder} is incomplete.`, SETUP)]
  return [ok("Alma", `The plugin ${version} is in ${folder}.`)]
}
