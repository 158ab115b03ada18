import { type Node, parseTree } from "jsonc-parser"
import { syntaxErrorPosition, WITH_COMMENTS } from "qwen-auth-local/json-syntax"
import { applyEdits, type Edit, insertChild, lineEnd, removeChild } from "./jsonc-edit.ts"

/** The published name of the plugin for OpenCode. */
export const PLUGIN_NAME = "opencode-alibaba-qwen-cli-auth"

/** The lists of plugins: OpenCode 1 reads `plugin`, OpenCode 2 reads `plugins`. Each ignores the other's. */
export const LISTS = ["plugin", "plugins"] as const
/** The name of a list of plugins. */
export type ListName = (typeof LISTS)[number]

/** The entry of the plugin in each list. */
export type PluginEntries = Readonly<Record<ListName, string>>

/** Matches the published name with or without a version, and the folder of a checkout. */
const OURS = new RegExp(
  String.raw`(^|[/\\])${PLUGIN_NAME}(@[^/\\]*)?([/\\]dist)?([/\\]index\.js)?[/\\]?$|[/\\]packages[/\\]opencode([/\\]dist([/\\]index\.js)?)?[/\\]?$`,
)

/** A text of a configuration that cannot be changed, and why. */
export class UnusableConfig extends Error {
  override readonly name = "UnusableConfig"
}

/** Returns what the entries of a list name: packages and paths. */
export function listedPlugins(config: unknown, list: ListName): string[] {
  const value = typeof config === "object" && config !== null ? Reflect.get(config, list) : undefined
  return Array.isArray(value) ? value.flatMap((entry) => specOf(entry) ?? []) : []
}

/** Whether an entry names our plugin. */
export function isOurPlugin(spec: string): boolean {
  return OURS.test(spec)
}

/**
 * Puts the plugin into both lists of a configuration. Everything else is kept character for character. An entry with
 * options or a version stays; one of another source (published or checkout) gets the new one and keeps its options.
 * @param text the file; empty if there is none
 * @throws UnusableConfig
 */
export function addPlugin(text: string, entries: PluginEntries): string {
  if (text.trim() === "") return newConfig(entries, text)
  return LISTS.reduce((rest, list) => addToList(rest, list, entries[list]), text)
}

/**
 * Removes the plugin from both lists, and a list that is then empty.
 * @throws UnusableConfig
 */
export function removePlugin(text: string): string {
  if (text.trim() === "") return text
  return LISTS.reduce((rest, list) => removeFromList(rest, list), text)
}

/** Returns a new configuration with the plugin. */
function newConfig(entries: PluginEntries, text: string): string {
  const eol = lineEnd(text)
  const config = { $schema: "https://opencode.ai/config.json", plugin: [entries.plugin], plugins: [entries.plugins] }
  return `${JSON.stringify(config, undefined, 2).replaceAll("\n", eol)}${eol}`
}

function addToList(text: string, list: ListName, entry: string): string {
  const root = parseConfig(text)
  const property = propertyOf(root, list)
  if (property === undefined)
    return applyEdits(text, insertChild(text, root, `${JSON.stringify(list)}: [${JSON.stringify(entry)}]`))
  const array = arrayOf(property, list)
  const present = (array.children ?? []).map(ourNode).find((node) => node !== undefined)
  if (present === undefined) return applyEdits(text, insertChild(text, array, JSON.stringify(entry)))
  if (sameSource(String(present.value), entry)) return text
  const replaced: Edit = { offset: present.offset, length: present.length, text: JSON.stringify(entry) }
  return applyEdits(text, [replaced])
}

function removeFromList(text: string, list: ListName): string {
  const root = parseConfig(text)
  const property = propertyOf(root, list)
  if (property === undefined) return text
  const array = arrayOf(property, list)
  const items = array.children ?? []
  const item = items.find((candidate) => ourNode(candidate) !== undefined)
  if (item === undefined) return text
  const [container, child] = items.length === 1 ? [root, property] : [array, item]
  // It may be listed more than once.
  return removeFromList(applyEdits(text, removeChild(text, container, child)), list)
}

function parseConfig(text: string): Node {
  const position = syntaxErrorPosition(text, WITH_COMMENTS)
  if (position !== undefined) {
    const { line, column } = position
    throw new UnusableConfig(`it is not valid JSON with comments (line ${line}, column ${column})`)
  }
  const root = parseTree(text, [], WITH_COMMENTS)
  if (root?.type !== "object") throw new UnusableConfig("it is not a JSON object")
  return root
}

/** Of properties with the same name OpenCode uses the last. */
function propertyOf(root: Node, name: string): Node | undefined {
  return root.children?.findLast((property) => property.children?.[0]?.value === name)
}

function arrayOf(property: Node, list: ListName): Node {
  const value = property.children?.[1]
  if (value?.type !== "array") throw new UnusableConfig(`"${list}" is not a list`)
  return value
}

/**
 * Returns the node that names our plugin in an entry: `"name"`, `["name", {…}]` or `{"package": "name", …}`. Returns
 * undefined for an entry of another plugin.
 */
function ourNode(item: Node): Node | undefined {
  const node =
    item.type === "array"
      ? item.children?.[0]
      : item.type === "object"
        ? propertyOf(item, "package")?.children?.[1]
        : item
  return node?.type === "string" && isOurPlugin(String(node.value)) ? node : undefined
}

function specOf(entry: unknown): string | undefined {
  if (typeof entry === "string") return entry
  if (Array.isArray(entry)) return specOf(entry[0])
  const name = typeof entry === "object" && entry !== null ? Reflect.get(entry, "package") : undefined
  return typeof name === "string" ? name : undefined
}

/** A version that the user chose of the published plugin is kept. */
function sameSource(present: string, wanted: string): boolean {
  return present === wanted || (wanted === PLUGIN_NAME && present.startsWith(`${PLUGIN_NAME}@`))
}
