/** Measures one start of OpenCode with one plugin and prints it in ms. */
const file = process.argv[2] === "plugin" ? "../packages/opencode/dist/index.js" : "./empty-plugin.mjs"
const client = { app: { log: async () => ({}) }, auth: { set: async () => ({}) } }
const entry = async () => ({ type: "oauth", access: "access", refresh: "refresh", expires: Date.now() + 3_600_000 })

const started = performance.now()
const { default: plugin } = await import(file)
const hooks = await plugin.server({ client }, {})
await hooks.auth.loader(entry, undefined)
process.stdout.write(String(performance.now() - started))
