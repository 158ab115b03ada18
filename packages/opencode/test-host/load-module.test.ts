import { mkdir, utimes, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { expect, test } from "vitest"
import type { PluginSource } from "./load-module.ts"
import { messageOf } from "./plugin-fixture.ts"
import { startHost } from "./start-host.ts"

const temporaryFolder = temporaryFolders()
const REFUSAL = "Plugin must export a default definition with an id and an effect or setup function."
const GOOD = (id: string) =>
  `export default { id: ${JSON.stringify(id)}, setup() { globalThis.loadedPlugin = ${JSON.stringify(id)} } }`

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

/** The id of the plugin that a host loads and sets up, or the message of the refusal. */
async function loadedFrom(source: PluginSource, directory = "/project"): Promise<unknown> {
  Reflect.set(globalThis, "loadedPlugin", undefined)
  const host = await startHost()
  const refused = await messageOf(host.install(source))
  await host.open(directory)
  await host.close()
  return Reflect.get(globalThis, "loadedPlugin") ?? refused
}

test.each([
  ["no default export", {}],
  [
    "a function, even with the properties of a definition",
    { default: Object.assign(() => {}, { id: "a", setup() {} }) },
  ],
  ["no id", { default: { setup() {} } }],
  ["an id that is no string", { default: { id: 1, setup() {} } }],
  ["neither setup nor effect", { default: { id: "a", server() {} } }],
  ["a setup that is no function", { default: { id: "a", setup: true } }],
])("a module is refused for %s", async (_, module) => {
  expect(await loadedFrom(module)).toBe(REFUSAL)
})

test("one default export serves both lines", async () => {
  const host = await startHost()
  await host.install({ default: { id: "a", server: async () => ({}), setup() {} } })
  await host.open("/project")
  expect(host.failures).toEqual([])
  await host.close()
})

test("a plugin with an effect is reported, because this host runs no effect", async () => {
  const host = await startHost()
  await host.install({ default: { id: "a", effect() {}, setup() {} } })
  expect(host.takeViolations()).toEqual(["The plugin a has an effect, which this host does not run."])
})

test.each<[string, Record<string, string>, unknown]>([
  ["server before index", { "server.js": GOOD("server"), "index.js": GOOD("index") }, "server"],
  ["index", { "index.mjs": GOOD("index") }, "index"],
  [
    "index although main names another file",
    { "package.json": JSON.stringify({ main: "main.js" }), "main.js": GOOD("main"), "index.mjs": GOOD("index") },
    "index",
  ],
])("a local folder is loaded by %s", async (_, files, id) => {
  expect(await loadedFrom(await folderWith({ "package.json": '{"type":"module"}', ...files }))).toBe(id)
})

test("a folder without an entry, and a file, are refused", async () => {
  const folder = await folderWith({ "main.mjs": GOOD("main") })
  expect(await loadedFrom(folder)).toContain("has no server.* and no index.*")
  expect(await loadedFrom(join(folder, "main.mjs"))).toContain("is neither")
})

test.each<[string, object, string]>([
  ["exports of ./server", { exports: { "./server": { default: "./s.mjs" }, ".": "./r.mjs" } }, "s"],
  ["exports of the root", { exports: { ".": { import: "./r.mjs" } } }, "r"],
  ["exports without subpaths", { exports: "./r.mjs" }, "r"],
  ["main", { main: "m.mjs" }, "m"],
])("a package is loaded by %s", async (_, manifest, id) => {
  const files = { "s.mjs": GOOD("s"), "r.mjs": GOOD("r"), "m.mjs": GOOD("m") }
  expect(await loadedFrom({ package: await folderWith({ "package.json": JSON.stringify(manifest), ...files }) })).toBe(
    id,
  )
})

test("an import that throws is a failure to load", async () => {
  const folder = await folderWith({ "index.mjs": "throw new Error('broken')" })
  expect(await loadedFrom(folder)).toBe("Plugin failed to load")
})

test("a file in .opencode/plugins is found without configuration", async () => {
  const directory = await folderWith({ ".opencode/plugins/own.mjs": GOOD("own") })
  const host = await startHost()
  Reflect.set(globalThis, "loadedPlugin", undefined)
  await host.open(directory)
  expect(Reflect.get(globalThis, "loadedPlugin")).toBe("own")
  await host.close()
})

test("a module is imported once, and again beside the old one when its file has changed", async () => {
  const folder = await folderWith({
    "index.mjs": "globalThis.imports = (globalThis.imports ?? 0) + 1; export default { id: 'a', setup() {} }",
  })
  Reflect.set(globalThis, "imports", 0)
  const host = await startHost()
  await host.install(folder)
  await host.install(folder)
  expect(Reflect.get(globalThis, "imports")).toBe(1)
  await utimes(join(folder, "index.mjs"), 1_700_000_000, 1_700_000_000)
  await host.install(folder)
  expect(Reflect.get(globalThis, "imports")).toBe(2)
})
