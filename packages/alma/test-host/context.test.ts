import { expect, test } from "vitest"
import { memorySecrets } from "./memory-storage.ts"
import { hostWith, manifest, messageOf, provider, refusedRun, source } from "./plugin-fixture.ts"

const without = (...names: readonly string[]) => ({
  permissions: ["network:fetch", "providers:manage", "notifications", "settings:read"].filter(
    (one) => !names.includes(one),
  ),
})

test("the context has every member of the published types and openExternal, and no others", async () => {
  const apis = "storage tools commands events ui chat providers workspace settings i18n".split(" ")
  const main = source(`
    const members = (api) => Object.keys(api).sort().join(" ")
    return [members(context), ...${JSON.stringify(apis)}.map((name) => members(context[name]))]`)
  const host = await hostWith({ main })
  // alma-plugin-api 0.1.2 and openExternal.
  expect(await host.run("demo.run")).toEqual([
    "chat commands events extensionPath globalStoragePath i18n id logger providers settings storage storagePath tools ui workspace",
    "local secrets workspace",
    "register unregister",
    "execute register",
    "on once",
    "createStatusBarItem openExternal showConfirmDialog showError showInputBox showNotification showQuickPick showWarning theme withProgress",
    "createThread getActiveThread getMessages getThread listThreads",
    "get list register",
    "createFileSystemWatcher readDirectory readFile rootPath stat workspaceFolders writeFile",
    "get onDidChange update",
    "locale onDidChangeLocale t",
  ])
  await host.close()
})

test.each([
  ["context.hooks", "context.hooks is unknown to Alma"],
  ["settings.set('demo.region', 'there')", "context.settings.set is unknown to Alma"],
  ["storage.secrets.keys()", "context.storage.secrets.keys is unknown to Alma"],
  ["ui.showError = () => {}", "context.ui.showError cannot be set"],
  ["commands.register('demo.other', () => {})", "The command demo.other is not in the manifest."],
  ["commands.register('other', () => {})", "The command other is not in the manifest."],
  ["commands.register('demo.run', () => {})", "The command demo.run is registered already."],
  ["settings.get('demo.other')", "settings: demo.other is not in the manifest"],
  ["settings.update('demo.region', 'nowhere')", "settings.update: demo.region cannot be nowhere"],
  [
    "storage.secrets.set('a', { b: 1 })",
    "storage.secrets.set: the value: Invalid type: Expected string but received Object",
  ],
  ["storage.secrets.get('')", "storage.secrets.get: a key must not be empty"],
  ["storage.local.set('a', undefined)", "storage.local.set: the value is not JSON"],
  ["context.chat.listThreads()", "context.chat.listThreads is not permitted: it needs chat:read"],
  ["context.tools.register('a', {})", "context.tools.register is not permitted: it needs tools:register"],
  ["context.workspace.rootPath", "context.workspace.rootPath is not permitted: it needs filesystem:read"],
  [
    "events.on('chat.message.willSend', () => {})",
    "events.on chat.message.willSend is not permitted: it needs chat:read",
  ],
  ["logger.info({})", "logger.info: Invalid type: Expected string but received Object"],
  ["logger.trace('a')", "context.logger.trace is unknown to Alma"],
])("refuses %s", async (use, refusal) => {
  expect(await refusedRun(`await (${use})`)).toBe(refusal)
})

test.each([
  ["ui.showNotification('a')", "notifications"],
  ["ui.showError('a')", "notifications"],
  ["ui.showWarning('a')", "notifications"],
  ["settings.get('demo.region')", "settings:read"],
])("refuses %s without the permission", async (use, permission) => {
  expect(await refusedRun(use, without(permission))).toMatch(new RegExp(`is not permitted: it needs ${permission}$`))
})

test("refuses a provider without the permission", async () => {
  const loading = hostWith({ manifest: manifest(without("providers:manage")) })
  expect(await messageOf(loading)).toBe("context.providers.register is not permitted: it needs providers:manage")
})

test("a violation is recorded even if the plugin caught it", async () => {
  const host = await hostWith({ main: source("try { ui.fly() } catch {}") })
  await host.run("demo.run")
  expect(host.violations).toEqual(["context.ui.fly is unknown to Alma"])
  expect(await messageOf(host.close())).toBe("context.ui.fly is unknown to Alma")
})

test("everything that the manifest declares must be registered", async () => {
  const host = await hostWith({ main: "export const activate = async () => ({ dispose() {} })" })
  expect(host.takeViolations()).toEqual([
    "The command demo.run is in the manifest but not registered.",
    "The provider demo is in the manifest but not registered.",
  ])
})

test("secrets survive a restart, and their storage can fail, hang and return junk", async () => {
  const main = source("await storage.secrets.set('a', given); return storage.secrets.get('a')")
  const secrets = memorySecrets({ b: "old" })
  const host = await hostWith({ main }, { secrets })
  expect(await host.run("demo.run", "one")).toBe("one")
  await host.close()
  const again = await hostWith({ main: source("return storage.secrets.get('a')") }, { secrets })
  expect(await again.run("demo.run")).toBe("one")
  expect(Object.fromEntries(secrets.values)).toEqual({ a: "one", b: "old" })

  secrets.get = { answers: 7 }
  expect(await again.run("demo.run")).toBe(7)
  secrets.get = "fails"
  expect(await messageOf(again.run("demo.run"))).toBe("The system's keychain is locked.")
  secrets.get = { after: 20 }
  expect(await again.run("demo.run")).toBe("one")
  secrets.get = "never answers"
  expect(await Promise.race([again.run("demo.run"), Promise.resolve("still waiting")])).toBe("still waiting")
  expect(secrets.calls.slice(0, 2)).toEqual(["set a", "get a"])
  await again.close()
})

test("settings have the manifest's defaults or the user's values, and changes call the listeners", async () => {
  const run = `
    const changes = []
    const listening = settings.onDidChange((change) => changes.push(change))
    const before = settings.get("demo.region")
    await settings.update("demo.region", "there")
    listening.dispose()
    return [before, changes, settings.get("demo.region")]`
  const host = await hostWith({ main: source(run) })
  const change = { key: "demo.region", oldValue: "here", newValue: "there" }
  expect(await host.run("demo.run")).toEqual(["here", [change], "there"])
  host.settings.change("demo.region", 42)
  expect(host.settings.get("demo.region")).toBe(42)
  await host.close()
  const set = await hostWith(
    { main: source("return settings.get('demo.region')") },
    { settings: { "demo.region": "there" } },
  )
  expect(await set.run("demo.run")).toBe("there")
})

test.each([
  ["name: 'Other'", "The provider's name is Other, but Demo in the manifest."],
  ["id: 'other'", "The provider other is not in the manifest."],
  ["authType: 'apiKey'", "providers.register: authType: "],
  ["getModels: undefined", "providers.register: getModels: "],
  ["rotateAccounts() {}", "providers.register: rotateAccounts: "],
  ["supportsMultiAccount: 1", "providers.register: supportsMultiAccount: "],
])("refuses a provider with %s", async (member, refusal) => {
  expect(await messageOf(hostWith({ main: source("", provider(member)) }))).toContain(refusal)
})

test.each([
  ["isAuthenticated", "isAuthenticated: async () => 'yes'"],
  ["authenticate", "authenticate: async () => true"],
  ["getModels", "getModels: async () => [{ id: 'm', name: 'M' }]"],
  ["getModels", "getModels: async () => []"],
  ["fetchModels", "fetchModels: async () => ['m']"],
  ["getAccounts", "getAccounts: async () => [{ id: 'a' }]"],
  ["getSDKConfig", "getSDKConfig: async () => ({ apiKey: '', baseURL: 'https://api.test', fetch })"],
  ["getSDKConfig", "getSDKConfig: async () => ({ apiKey: 'a', baseURL: 'api.test', fetch })"],
] as const)("refuses an invalid result of %s: %s", async (method, member) => {
  const host = await hostWith({ main: source("", provider(member)) })
  const refusal = await messageOf(host.provider()[method]())
  expect(refusal).toMatch(new RegExp(`^The result of ${method} of the provider demo: `))
  expect(host.takeViolations()).toEqual([refusal])
})

test("a provider is initialised at the start, and its methods are called with their this", async () => {
  const members = "initialize: async () => logger.info('ready'), fetchModels() { return this.getModels() }"
  const host = await hostWith({ main: source("return providers.get('demo')", provider(members)) })
  expect(host.log).toMatchObject([{ level: "info", message: "ready" }])
  expect(await host.provider("demo").fetchModels()).toHaveLength(1)
  expect(await host.run("demo.run")).toEqual({ id: "demo", name: "Demo", type: "plugin", enabled: true })
  await host.close()
})

test("the published ways to describe a model, an account and its quota are accepted", async () => {
  const capabilities = `{ streaming: true, reasoning: true, functionCalling: true, imageOutput: false, attachment: true,
    reasoningLevels: ["low", "ultra"], input: { text: true, image: true }, output: { text: true } }`
  const quota = `{ models: [{ name: "M", percentage: 12.5, resetTime: "2026-12-01T00:00:00.000Z" }], lastUpdated: 1 }`
  const members = `supportsMultiAccount: true, refreshQuotas: async () => {},
    fetchModels: async () => [{ id: "m", name: "M", description: "M", contextWindow: 1, maxOutputTokens: 1, capabilities: ${capabilities} }],
    getAccounts: async () => [{ id: "a", label: "A", avatarUrl: "https://api.test/a.png", quota: ${quota} }]`
  const host = await hostWith({ main: source("", provider(members)) })
  expect(host.provider().listsAccounts).toBe(true)
  await host.provider().refreshQuotas()
  expect(await host.provider().fetchModels()).toHaveLength(1)
  expect(await host.provider().getAccounts()).toHaveLength(1)
  await host.close()
})
