import { expect, test } from "vitest"
import { contributes, hostWith, manifest, provider, readErrorAnswer, source } from "./plugin-fixture.ts"

test("takes a folder that is as it should be", async () => {
  const host = await hostWith({ more: { "package.json": JSON.stringify({ version: "1.2.3" }) } })
  expect(host.manifest.id).toBe("demo")
  expect(host.folder).toMatch(/plugins.demo$/)
  await host.close()
})

test("the folder is named as the id", async () => {
  expect(await readErrorAnswer({ folder: "demo-1.2.3" })).toBe(
    "The folder is named demo-1.2.3, the plugin's id is demo.",
  )
})

test("package.json says the manifest's version", async () => {
  const more = { "package.json": JSON.stringify({ version: "1.2.4" }) }
  expect(await readErrorAnswer({ more })).toBe("package.json says version 1.2.4, manifest.json 1.2.3.")
})

test.each<[string, Record<string, unknown>]>([
  ["version", { version: "1.2" }],
  ["author", { author: "The tests" }],
  ["main", { main: "dist/main.js" }],
  ["engines", { engines: { alma: "^1.0.0" } }],
  ["type", { type: "tool" }],
  ["permissions", { permissions: ["network:fetch", "filesystem:write"] }],
  ["permissions", { permissions: ["network:domain:https://api.test"] }],
  ["permissions", { permissions: ["notifications", "notifications"] }],
  ["activationEvents", { activationEvents: ["onCommand"] }],
  [
    "contributes.providers.0.authType",
    { contributes: { ...contributes, providers: [{ id: "a", name: "A", authType: "magic" }] } },
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
])("refuses a manifest that is wrong in %s", async (place, fields) => {
  const refusal = await readErrorAnswer({ manifest: manifest(fields) })
  expect(refusal).toMatch(/^manifest\.json: /)
  expect(refusal).toContain(place)
})

test.each(["zod", "qwen-auth-core", "./lib.js"])("finds no %s beside main.js", async (name) => {
  const main = source("", provider(), `import "${name}"`)
  expect(await readErrorAnswer({ main, more: { "lib.js": "" } })).toMatch(/^Cannot find (?:package|module)/)
})

test.each([
  ["export const start = () => {}", "main.js: "],
  ["export const activate = async () => ({})", "What activate gave: "],
  ["export const activate = async () => {}", "What activate gave: "],
  ["export const activate = async () => { throw new Error('no keychain') }", "no keychain"],
])("refuses a plugin that is only %s", async (main, refusal) => {
  expect(await readErrorAnswer({ main })).toContain(refusal)
})

test("every load is a new instance", async () => {
  const main = source("return ++count", provider(), "let count = 0")
  const [first, second] = [await hostWith({ main }), await hostWith({ main })]
  expect([await first.run("demo.run"), await first.run("demo.run"), await second.run("demo.run")]).toEqual([1, 2, 1])
})
