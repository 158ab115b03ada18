/** Measures one start of Alma with one plugin and prints it in ms. */
const file = process.argv[2] === "plugin" ? "../packages/alma/dist/qwen-auth/main.js" : "./empty-plugin.mjs"
const disposable = { dispose() {} }
const context = {
  logger: { debug() {}, warn() {}, error() {} },
  storage: { secrets: { get: async () => undefined, set: async () => {}, delete: async () => {} } },
  commands: { register: () => disposable },
  providers: { register: () => disposable },
  ui: {},
  settings: { get: () => undefined, onDidChange: () => disposable },
}

const started = performance.now()
const { activate } = await import(file)
await activate(context)
process.stdout.write(String(performance.now() - started))
