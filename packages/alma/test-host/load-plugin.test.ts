import * as fs from "node:fs"
import { expect, test } from "vitest"
import { hostWith, loadError, manifest, messageOf, permissions, provider, source } from "./plugin-fixture.ts"

const echo = async () => new Response("from the test")

test("a start without requests and file access is reported as such", async () => {
  const host = await hostWith(
    {
      main: source(
        "await readFile(given); return (await fetch('https://api.test/')).text()",
        provider(),
        'import { readFile } from "node:fs/promises"',
      ),
    },
    { fetch: echo },
  )
  expect(host.start).toEqual({ requests: [], touched: [] })
  expect(fs.readFileSync(`${host.folder}/manifest.json`, "utf8")).toContain("demo")
  await host.run("demo.run", `${host.folder}/manifest.json`)
  expect(host.touched).toEqual(["fs/promises.readFile"])
  expect(host.requests).toHaveLength(1)
  await host.close()
})

test.each([
  ["existsSync('/')", 'import { existsSync } from "node:fs"', "fs.existsSync"],
  ["fs.promises.stat('/')", 'import fs from "node:fs"', "fs/promises.stat"],
  ["spawnSync('true')", 'import { spawnSync } from "node:child_process"', "child_process.spawnSync"],
  ["createServer()", 'import { createServer } from "node:http"', "http.createServer"],
  ["new Socket()", 'import { Socket } from "node:net"', "net.Socket"],
])("reports %s at the start, at the top level and in initialize", async (use, line, touched) => {
  const atTop = await hostWith({ main: source("", provider(), `${line}\n${use}`) })
  expect(atTop.start.touched).toContain(touched)
  const inside = await hostWith({ main: source("", provider(`initialize: async () => void (${use})`), line) })
  expect(inside.start.touched).toContain(touched)
})

test("a request at the start is reported", async () => {
  const main = source("", provider("initialize: async () => void (await fetch('https://api.test/'))"))
  const host = await hostWith({ main }, { fetch: echo })
  expect(host.start.requests).toMatchObject([{ url: "https://api.test/" }])
})

test("the globals are restored when all plugins are closed, even after a plugin that failed to start", async () => {
  const { console: terminal } = globalThis
  const globals = () => [globalThis.fetch, fs.readFileSync, terminal.warn]
  const before = globals()
  const [first, second] = [await hostWith({}), await hostWith({})]
  await first.close()
  expect(globals().filter((value, n) => value === before[n])).toEqual([])
  await second.close()
  expect(await loadError({ main: "throw new Error('broken')" })).toBe("broken")
  expect(globals().filter((value, n) => value === before[n])).toHaveLength(before.length)
})

test("a plugin is disposed once, and its folder is removed", async () => {
  const main =
    "let ends = 0; export const activate = async ({ logger }) => ({ dispose() { logger.info('end ' + ++ends) } })"
  const host = await hostWith({ main })
  host.takeViolations()
  await host.dispose()
  await host.dispose()
  await host.close()
  expect(host.log).toMatchObject([{ message: "end 1" }])
  expect(fs.existsSync(host.folder)).toBe(false)
})

test.each([
  ["setTimeout(() => {}, 1e6).unref()", "", /^Timeout created at main\.js:\d+:\d+$/],
  [
    "void sleep(1e6, undefined, { ref: false })",
    'import { setTimeout as sleep } from "node:timers/promises"',
    /^Timeout created at main\.js/,
  ],
  ["setInterval(() => {}, 1e6).unref()", "", /^Timeout created at main\.js/],
  ["createServer().listen(0, '127.0.0.1').unref()", 'import { createServer } from "node:http"', /^TCPSERVERWRAP/],
  ["settings.onDidChange(() => {})", "", /^listener of settings\.onDidChange$/],
  ["void fetch('https://api.test/')", "", /^request GET https:\/\/api\.test\/$/],
  ["ui.createStatusBarItem({ id: 'a', alignment: 'left' })", "", /^status bar item a$/],
])("reports that %s is left", async (use, line, leaks) => {
  const listening = manifest({ permissions: [...permissions, "network:localhost"] })
  const files = { manifest: listening, main: source(use, provider(), line) }
  const host = await hostWith(files, { fetch: () => new Promise(() => {}) })
  await host.run("demo.run")
  await host.dispose()
  expect(await host.leaks()).toContainEqual(expect.stringMatching(leaks))
  expect(await messageOf(host.close())).toMatch(/^The plugin left behind: /)
})

test("finished, cleared and uncancellable timers are not reported as left", async () => {
  const host = await hostWith({
    main: source(`
      clearTimeout(setTimeout(() => {}, 1e6))
      await new Promise((resolve) => setTimeout(resolve, 1))
      AbortSignal.timeout(1e6)
      const interval = setInterval(() => clearInterval(interval), 1)
      await new Promise((resolve) => setTimeout(resolve, 5))`),
  })
  setTimeout(() => {}, 1e6).unref()
  await host.run("demo.run")
  expect(await host.leaks()).toEqual(["command demo.run", "provider demo"])
  await host.close()
})

test("registrations that dispose does not remove are reported as left", async () => {
  const main = source().replace("registrations.forEach((one) => one.dispose())", "{}")
  const host = await hostWith({ main })
  expect(await messageOf(host.close())).toBe("The plugin left behind: command demo.run, provider demo.")
})

test("a plugin that listens needs network:localhost", async () => {
  const main = source("createServer()", provider(), 'import { createServer } from "node:http"')
  const host = await hostWith({ main })
  await host.run("demo.run")
  expect(host.takeViolations()).toEqual(["The plugin listens on this computer without network:localhost."])
})
