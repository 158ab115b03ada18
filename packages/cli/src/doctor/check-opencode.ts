import { existsSync } from "node:fs"
import { join } from "node:path"
import { parse } from "jsonc-parser"
import { syntaxErrorPosition, type TextPosition, WITH_COMMENTS } from "qwen-auth-local/json-syntax"
import { openCodeCacheFolder } from "qwen-auth-local/opencode-paths"
import * as v from "valibot"
import { readText } from "../setup/config-text.ts"
import { isOurPlugin, LISTS, type ListName, listedPlugins, PLUGIN_NAME } from "../setup/plugin-lists.ts"
import { openCodeConfigFile } from "../setup/setup-opencode.ts"
import { type Check, type CheckContext, type Finding, note, ok, problem, unreadable } from "./finding.ts"

const SETUP = "Run: qwen-auth setup opencode"

/** A configuration file of OpenCode. */
interface ConfigFile {
  readonly path: string
  readonly config: unknown
}

/** Checks OpenCode: whether it is there, its version, its configuration, and whether the plugin loads. */
export const checkOpenCode: Check = async (context) => {
  const version = /\d+\.\d+\.\d+\S*/.exec(
    (await context.probes.output("opencode", ["--version"], context.signal)) ?? "",
  )?.[0]
  const { files, findings } = await readConfigs(context)
  if (version === undefined && files.length === 0)
    return [note("OpenCode", "OpenCode is not installed, or not on the PATH."), ...findings]
  return [
    checkVersion(version),
    ...findings,
    ...checkPlugin(files, version),
    ...files.flatMap(checkEntries),
    ...(await checkLoads(context, files)),
  ]
}

function checkVersion(version: string | undefined): Finding {
  if (version === undefined)
    return note("OpenCode", "OpenCode has a configuration, but the program is not on the PATH.")
  if (/^[12]\./.test(version)) return ok("OpenCode", `OpenCode ${version}`)
  return problem("OpenCode", `OpenCode ${version} is not supported.`, "Install OpenCode 1 or 2: opencode upgrade")
}

/** The global configuration and that of the current folder, in the order in which OpenCode reads them. */
async function readConfigs({ world }: CheckContext): Promise<{ files: ConfigFile[]; findings: Finding[] }> {
  const here = [
    "opencode.json",
    "opencode.jsonc",
    join(".opencode", "opencode.json"),
    join(".opencode", "opencode.jsonc"),
  ]
  const paths = new Set([openCodeConfigFile(world), ...here.map((name) => join(world.folder, name))])
  const files: ConfigFile[] = []
  const findings: Finding[] = []
  for (const path of [...paths].filter((each) => existsSync(each))) {
    try {
      const { text } = await readText(path)
      const position = syntaxErrorPosition(text, WITH_COMMENTS)
      if (position === undefined) files.push({ path, config: parse(text, [], WITH_COMMENTS) })
      else findings.push(invalidFile(path, position))
    } catch (error) {
      findings.push(unreadable("configuration", path, error))
    }
  }
  return { files, findings }
}

function invalidFile(path: string, { line, column }: TextPosition): Finding {
  const what = `${path} is not valid JSON with comments (line ${line}, column ${column}).`
  return problem("configuration", what, "Correct that file.")
}

/** OpenCode 1 reads `plugin`, OpenCode 2 reads `plugins`. */
function checkPlugin(files: readonly ConfigFile[], version: string | undefined): Finding[] {
  const list: ListName = version?.startsWith("2.") ? "plugins" : "plugin"
  const ours = files.flatMap(({ path, config }) =>
    listedPlugins(config, list)
      .filter(isOurPlugin)
      .map((spec) => ({ path, spec })),
  )
  const [first, second] = ours
  if (first === undefined)
    return [problem("plugin", `The plugin is not in the list "${list}" of OpenCode's configuration.`, SETUP)]
  if (second !== undefined && second.spec !== first.spec)
    return [
      problem(
        "plugin",
        `OpenCode's configuration names the plugin twice (${first.path}, ${second.path}).`,
        "Remove one of the two entries.",
      ),
    ]
  return [ok("plugin", `${first.spec} is in ${first.path}.`)]
}

/** An entry of another type counts as missing. */
const optional = <const Schema extends v.GenericSchema>(schema: Schema) => v.fallback(v.optional(schema), undefined)

const Provider = v.object({
  npm: optional(v.string()),
  options: optional(v.object({ baseURL: optional(v.string()), apiKey: optional(v.string()) })),
})
const Config = v.object({
  model: optional(v.string()),
  small_model: optional(v.string()),
  disabled_providers: optional(v.array(v.string())),
  enabled_providers: optional(v.array(v.string())),
  provider: optional(v.object({ alibaba: optional(Provider) })),
})

/** Finds entries that contradict the plugin. */
function checkEntries({ path, config }: ConfigFile): Finding[] {
  const parsed = v.safeParse(Config, config)
  if (!parsed.success) return []
  const { model, small_model, disabled_providers, enabled_providers, provider } = parsed.output
  const found: Finding[] = []
  const add = (message: string, remedy: string) => found.push(problem("configuration", `${path}: ${message}`, remedy))
  for (const [name, value] of [
    ["model", model],
    ["small_model", small_model],
  ] as const) {
    if (value === undefined || value.includes("/")) continue
    add(`"${name}" has no provider: ${JSON.stringify(value.slice(0, 40))}.`, `Write "alibaba/${value.slice(0, 40)}".`)
  }
  if (disabled_providers?.includes("alibaba") || enabled_providers?.includes("alibaba") === false)
    add('The provider "alibaba" is disabled.', 'Remove it from "disabled_providers", or add it to "enabled_providers".')
  const { npm, options } = provider?.alibaba ?? {}
  if (npm === "@ai-sdk/anthropic")
    add('"npm" of the provider alibaba selects Anthropic\'s format, which the plugin does not use.', 'Remove "npm".')
  if (options?.baseURL !== undefined || options?.apiKey !== undefined)
    add(
      'The "options" of the provider alibaba replace the address or the key of your sign-in.',
      'Remove "baseURL" and "apiKey".',
    )
  const former = LISTS.flatMap((list) => listedPlugins(config, list)).some((spec) => FORMER.test(spec))
  if (former)
    add(
      "The former plugin opencode-qwen-cli-auth uses the same file for its sign-in.",
      "Remove it from the list of plugins; the sign-in is kept.",
    )
  return found
}

const FORMER = /(^|[/\\])opencode-qwen-cli-auth(@[^/\\]*)?([/\\]dist)?([/\\]index\.js)?[/\\]?$/

const PluginModule = v.object({ default: v.object({ id: v.string(), server: v.function() }) })

/** Loads the plugins that both lists name. */
async function checkLoads(context: CheckContext, files: readonly ConfigFile[]): Promise<Finding[]> {
  const specs = files.flatMap(({ config }) => LISTS.flatMap((list) => listedPlugins(config, list))).filter(isOurPlugin)
  const found = await Promise.all([...new Set(specs)].map((spec) => checkLoad(context, spec)))
  // Both lists may name the same plugin.
  return [...new Map(found.map((finding) => [finding.message, finding])).values()]
}

/** Loads a plugin as OpenCode does. One that is not installed yet is installed by OpenCode's next start. */
async function checkLoad({ world, probes }: CheckContext, spec: string): Promise<Finding> {
  const entry = entryFiles(world.sources, spec).find((path) => existsSync(path))
  if (entry === undefined)
    return spec.startsWith(PLUGIN_NAME)
      ? note("plugin", "OpenCode installs the plugin at its next start.")
      : problem("plugin", `There is no plugin at ${spec}.`, "Run in the checkout: npm run build")
  const loaded = await probes.importModule(entry).catch(() => undefined)
  if (v.is(PluginModule, loaded)) return ok("plugin", "The plugin loads.")
  return problem(
    "plugin",
    `The plugin at ${entry} does not load.`,
    `Build it again (npm run build), or remove ${openCodeCacheFolder(world.sources)} and restart OpenCode.`,
  )
}

/** The files that OpenCode may load for an entry. */
function entryFiles(sources: CheckContext["world"]["sources"], spec: string): string[] {
  if (spec.startsWith(PLUGIN_NAME)) {
    const cache = openCodeCacheFolder(sources)
    const tagged = spec.includes("@") ? spec : `${spec}@latest`
    const inside = join("node_modules", PLUGIN_NAME, "dist", "index.js")
    return [join(cache, "packages", tagged, inside), join(cache, inside)]
  }
  const path = spec.replace(/^file:\/\//, "")
  return path.endsWith(".js") ? [path] : [join(path, "dist", "index.js"), join(path, "index.js")]
}
