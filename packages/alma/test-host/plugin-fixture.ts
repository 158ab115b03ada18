import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import { type AlmaHost, type HostOptions, loadPlugin } from "./load-plugin.ts"

/** The `contributes` of {@link manifest}. */
export const contributes = {
  providers: [{ id: "demo", name: "Demo", authType: "oauth" }],
  commands: [{ id: "demo.run", title: "Run" }],
  configuration: {
    title: "Demo",
    properties: {
      "demo.region": { type: "string", enum: ["here", "there"], default: "here", description: "Where" },
    },
  },
}

/** The permissions of {@link manifest}. */
export const permissions = [
  "network:fetch",
  "network:domain:api.test",
  "providers:manage",
  "notifications",
  "settings:read",
]

/** A valid manifest. @param fields replace its fields */
export function manifest(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: "demo",
    name: "Demo",
    version: "1.2.3",
    description: "A plugin of the tests",
    author: { name: "The tests" },
    main: "main.js",
    engines: { alma: "^0.1.0" },
    type: "provider",
    permissions,
    activationEvents: ["onStartup"],
    contributes,
    ...fields,
  }
}

/** The source of a valid provider definition. @param more further members */
export const provider = (more = "") => `{
  id: "demo", name: "Demo", description: "Models of the tests", authType: "oauth", sdkType: "openai-compatible",
  isAuthenticated: async () => true,
  authenticate: async () => ({ success: true }),
  logout: async () => {},
  getModels: async () => [{
    id: "m", name: "M", description: "A model", contextWindow: 1000, maxOutputTokens: 100,
    capabilities: { streaming: true, reasoning: false, vision: false, functionCalling: true },
  }],
  getSDKConfig: async () => ({ apiKey: "none", baseURL: "https://api.test/v1", fetch: (url, init) => fetch(url, init) }),
  ${more}
}`

/**
 * The source of a plugin with a provider and the command `demo.run`.
 * @param run the body of the command
 */
export const source = (run = "", definition = provider(), atTop = "") => `
  ${atTop}
  export async function activate(context) {
    const { ui, commands, providers, storage, settings, logger, events } = context
    const registrations = [
      providers.register(${definition}),
      commands.register("demo.run", async (given) => { ${run} }),
    ]
    return { dispose: () => registrations.forEach((one) => one.dispose()) }
  }
`

/** The files of a plugin's folder. */
export interface Files {
  readonly folder?: string
  readonly manifest?: unknown
  readonly main?: string
  readonly more?: Readonly<Record<string, string>>
}

/** Writes a plugin's folder, which is removed after the test. */
async function pluginFolder(files: Files = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "alma-fixture-"))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const folder = join(root, files.folder ?? "demo")
  await mkdir(folder)
  const texts = {
    "manifest.json": JSON.stringify(files.manifest ?? manifest()),
    "main.js": files.main ?? source(),
    ...files.more,
  }
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

/** Starts Alma with a test plugin, which is closed after the test. */
export async function hostWith(files: Files, options: HostOptions = {}): Promise<AlmaHost> {
  const host = await loadPlugin(await pluginFolder(files), options)
  onTestFinished(async () => host.close().catch(() => {}))
  return host
}

/** The message of the error when Alma loads a plugin. */
export async function loadError(files: Files, options: HostOptions = {}): Promise<string> {
  return messageOf(hostWith(files, options))
}

/** The message with which `demo.run` failed, which must also be the only recorded violation. */
export async function refusedRun(run: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const host = await hostWith({ manifest: manifest(fields), main: source(run) })
  const message = await messageOf(host.run("demo.run"))
  const recorded = host.takeViolations()
  if (recorded.length === 1 && recorded[0] === message) return message
  return `recorded ${JSON.stringify(recorded)}, thrown ${message}`
}

export async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing was refused",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}
