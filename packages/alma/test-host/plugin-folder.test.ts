import { expect, test } from "vitest"
import { bunMissing } from "./compile-entry.ts"
import { contributes, hostWith, loadError, manifest, permissions, provider, source } from "./plugin-fixture.ts"

test("loads a valid folder", async () => {
  const host = await hostWith({ more: { "package.json": JSON.stringify({ version: "1.2.3" }) } })
  expect(host.manifest.id).toBe("demo")
  expect(host.folder).toMatch(/plugins.demo$/)
  await host.close()
})

test("refuses a folder whose name is not the plugin's id", async () => {
  expect(await loadError({ folder: "demo-1.2.3" })).toBe("The folder is named demo-1.2.3, but the plugin's id is demo.")
})

test("refuses a package.json with another version than the manifest", async () => {
  const more = { "package.json": JSON.stringify({ version: "1.2.4" }) }
  expect(await loadError({ more })).toBe("package.json has version 1.2.4, but manifest.json has 1.2.3.")
})

test.each<[string, Record<string, unknown>]>([
  ["version", { version: "1.2" }],
  ["author", { author: { email: "a@b.test" } }],
  ["main", { main: "../main.js" }],
  ["engines", { engines: { alma: "^1.0.0" } }],
  ["type", { type: "tool" }],
  ["permissions", { permissions: ["network:fetch", "filesystem:write"] }],
  ["permissions", { permissions: ["network:domain:https://api.test"] }],
  ["permissions", { permissions: ["notifications", "notifications"] }],
  ["activationEvents", { activationEvents: ["onCommand"] }],
  [
    "contributes.providers.0.authType",
    { contributes: { ...contributes, providers: [{ id: "a", name: "A", authType: 7 }] } },
  ],
  [
    "contributes.commands",
    { contributes: { ...contributes, commands: [1, 2].map(() => ({ id: "demo.a", title: "A" })) } },
  ],
  ["command ids", { contributes: { ...contributes, commands: [{ id: "login", title: "Log in" }] } }],
  [
    "default",
    {
      contributes: {
        ...contributes,
        configuration: { title: "A", properties: { "demo.a": { type: "boolean", default: "yes", description: "A" } } },
      },
    },
  ],
  ["surprise", { surprise: 1 }],
  ["description", { description: undefined }],
])("refuses a manifest with an invalid %s", async (path, fields) => {
  const refusal = await loadError({ manifest: manifest(fields) })
  expect(refusal).toMatch(/^manifest\.json: /)
  expect(refusal).toContain(path)
})

test.each(["zod", "qwen-auth-core", "./lib.js"])("main.js cannot import %s", async (name) => {
  const main = source("", provider(), `import "${name}"`)
  expect(await loadError({ main, more: { "lib.js": "" } })).toMatch(/^Cannot find (?:package|module)/)
})

test.each([
  ["export const start = () => {}", "main.js: "],
  ["export const activate = async () => ({})", "The result of activate: "],
  ["export const activate = async () => {}", "The result of activate: "],
  ["export const activate = async () => { throw new Error('no keychain') }", "no keychain"],
])("refuses a plugin whose main.js is %s", async (main, refusal) => {
  expect(await loadError({ main })).toContain(refusal)
})

test("accepts what published manifests have", async () => {
  const fields = {
    author: "The tests",
    icon: "icon.png",
    homepage: "https://api.test/",
    license: "MIT",
    main: "dist/entry.js",
    permissions: [...permissions, "network:localhost", "storage:secrets", "settings:write"],
  }
  const { main: _, ...more } = { main: "", "dist/entry.js": source() }
  const host = await hostWith({ manifest: manifest(fields), more })
  expect(host.manifest.main).toBe("dist/entry.js")
  await host.close()
})

test.skipIf(bunMissing)(
  "the entry runs as Bun compiles it, in another folder, and cannot import a file beside it",
  async () => {
    const main = source("return import.meta.url", provider(), "const Unused = class { #x = 1 }")
    const host = await hostWith({ main }, { behaviour: { entry: "compiled by Bun" } })
    expect(String(await host.run("demo.run"))).toMatch(/\/plugin-cache\/demo\.mjs$/)
    await host.close()
  },
)

test("every load creates a new instance", async () => {
  const main = source("return ++count", provider(), "let count = 0")
  const [first, second] = [await hostWith({ main }), await hostWith({ main })]
  expect([await first.run("demo.run"), await first.run("demo.run"), await second.run("demo.run")]).toEqual([1, 2, 1])
})
