/**
 * Measures one start of OpenCode with one plugin and prints it in ms: `<1 or 2> <ours or empty>`. The built-in modules are loaded before, as
 * they are inside OpenCode.
 */
const [line, which] = process.argv.slice(2)
const file = which === "ours" ? "../packages/opencode/dist/index.js" : "./empty-plugin.mjs"
const builtIns = ["async_hooks", "buffer", "child_process", "crypto", "events", "fs", "fs/promises", "http", "https"]
const more = ["net", "os", "path", "stream", "timers/promises", "url", "util", "zlib"]
await Promise.all([...builtIns, ...more].map((name) => import(`node:${name}`)))

const started = performance.now()
const { default: plugin } = await import(file)
await (line === "1" ? startOpenCode1(plugin) : startOpenCode2(plugin))
process.stdout.write(String(performance.now() - started))
process.exit()

/** Init, configuration, loader and models with a Qwen account. @param {any} plugin */
async function startOpenCode1({ server }) {
  const client = { app: { log: async () => ({}) }, auth: { set: async () => ({}) } }
  const entry = async () => ({ type: "oauth", access: "access", refresh: "refresh", expires: Date.now() + 3_600_000 })
  const hooks = await server({ client }, {})
  await hooks.config?.({})
  await hooks.auth.loader(entry, undefined)
  await hooks.provider?.models({ models: {} }, { auth: await entry() })
}

/** The setup of one directory, with its transforms replayed once. @param {any} plugin */
async function startOpenCode2({ setup }) {
  const models = { update: () => {}, remove: () => {} }
  await setup({
    app: { version: "2.3.0" },
    options: {},
    integration: {
      /** @param {(editor: object) => void} callback */
      transform: async (callback) => callback({ method: { update: () => {} } }),
      connection: { active: async () => undefined, resolve: async () => undefined },
    },
    provider: {
      /** @param {(editor: object) => void} callback */
      transform: async (callback) => callback({ models }),
      reload: async () => {},
    },
    session: { hook: async () => {} },
    generate: { hook: async () => {} },
    event: { subscribe: async function* () {} },
  })
}
