import { defineConfig } from "tsdown"
import { packAlma } from "./scripts/pack-alma.mjs"

/** Everything we ship is self-contained: hosts install plugins with scripts ignored and dependencies missing. */
const shipped = {
  format: "esm" as const,
  platform: "node" as const,
  target: "node20.19" as const,
  fixedExtension: false,
  // Our own packages are bundled from their sources.
  inputOptions: {
    resolve: { conditionNames: ["qwen-auth-source", "node", "import", "default"], mainFields: ["module", "main"] },
  },
}

/** A plugin is read at every start of its host, so it is small. */
const minify = { compress: true, mangle: true, codegen: { removeWhitespace: true } } as const

const opencode = { ...shipped, cwd: "packages/opencode", external: /^@opencode-ai\//, minify }

/**
 * Each line of OpenCode reads `index.js` and one file more at its start. What comes later is loaded from the files beside them. They are
 * built apart from each other, because a file costs a start more (about 1 ms in Bun) than the few kB that are then in two files.
 */
const FILES: Readonly<Record<string, string>> = {
  "./v1/server.ts": "./opencode-1.js",
  "./v2/setup.ts": "./opencode-2.js",
  "./load-plugin.ts": "./plugin.js",
  "./directory.ts": "./directory.js",
}
const builtApart = {
  name: "built-apart",
  resolveId: {
    filter: { id: /^\.\/(?:v[12]\/)?(?:server|setup|load-plugin|directory)\.ts$/ },
    handler(source: string) {
      const id = FILES[source]
      return id === undefined ? undefined : { id, external: true }
    },
  },
}

export default defineConfig([
  // `internal` is for our own programs that run what is built. It has no types and is no promise.
  {
    ...shipped,
    cwd: "packages/core",
    entry: { index: "src/index.ts", internal: "src/internal.ts" },
    dts: false,
    outputOptions: { chunkFileNames: "shared.js" },
  },
  { ...shipped, cwd: "packages/core", entry: { index: "src/index.ts" }, dts: { emitDtsOnly: true }, clean: false },
  { ...opencode, entry: { index: "src/index.ts" }, dts: true, plugins: [builtApart] },
  { ...opencode, entry: { "opencode-1": "src/v1/server.ts" }, dts: false, clean: false, plugins: [builtApart] },
  { ...opencode, entry: { "opencode-2": "src/v2/setup.ts" }, dts: false, clean: false, plugins: [builtApart] },
  {
    ...opencode,
    entry: { plugin: "src/v1/load-plugin.ts", directory: "src/v2/directory.ts" },
    dts: false,
    clean: false,
    // Beside the two: what both use, and the catalogue of models, which is read with a key.
    outputOptions: {
      chunkFileNames: ({ isDynamicEntry, moduleIds }) => {
        if (isDynamicEntry) return "[name].js"
        return moduleIds.some((id) => id.endsWith("/models-dev.ts")) ? "catalogue.js" : "both.js"
      },
    },
  },
  {
    ...shipped,
    cwd: "packages/alma",
    outDir: "dist/qwen-auth",
    entry: { main: "src/main.ts" },
    dts: false,
    // It exists inside Alma only, where it opens the browser.
    deps: { neverBundle: ["electron"] },
    minify,
    // Alma loads one file, and nothing beside it.
    outputOptions: { codeSplitting: false },
    hooks: { "build:done": packAlma },
  },
  {
    ...shipped,
    cwd: "packages/cli",
    // Without Node's loader of ES modules, and without its copy of each built-in, a command starts about 15 ms earlier.
    format: "cjs",
    checks: { legacyCjs: false },
    entry: { "qwen-auth": "src/qwen-auth.ts" },
    dts: false,
    minify,
    // Alma's folder, which `setup alma` copies, is put beside them (see scripts/pack-alma.mjs).
    clean: ["dist/*.js"],
    // A command reads only what it needs, in few files, because each costs a start about 1 ms.
    outputOptions: {
      chunkFileNames: "[name].js",
      codeSplitting: {
        groups: [
          { name: "main", test: /\/cli\/src\/main\.ts$/, priority: 2 },
          { name: "status-token", test: /\/cli\/src\/commands\/(status|token)\.ts$/, priority: 1 },
          { name: "sign-in", test: /\/cli\/src\/(check-)?sign-in\.ts$/ },
        ],
      },
    },
  },
  { ...shipped, cwd: "packages/simulator", entry: { "qwen-simulator": "src/qwen-simulator.ts" }, dts: false },
  { ...shipped, cwd: "e2e", entry: { "main-job": "main-job/main.ts" }, dts: false },
])
