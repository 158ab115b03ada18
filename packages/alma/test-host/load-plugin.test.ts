import * as fs from "node:fs"
import { expect, test } from "vitest"
import { hostWith, messageOf, provider, readErrorAnswer, source } from "./plugin-fixture.ts"

const echo = async () => new Response("from the test")

test("a start that asks nobody and reads nothing shows as that", async () => {
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
])("sees %s at the start, at the top and in activate", async (use, line, touched) => {
  const atTop = await hostWith({ main: source("", provider(), `${line}\n${use}`) })
  expect(atTop.start.touched).toContain(touched)
  const inside = await hostWith({ main: source("", provider(`initialize: async () => void (${use})`), line) })
  expect(inside.start.touched).toContain(touched)
})

test("a request at the start is seen", async () => {
  const main = source("", provider("initialize: async () => void (await fetch('https://api.test/'))"))
  const host = await hostWith({ main }, { fetch: echo })
  expect(host.start.requests).toMatchObject([{ url: "https://api.test/" }])
})

test("the process is as before when all are closed, also after a plugin that did not start", async () => {
  const { console: terminal } = globalThis
  const globals = () => [globalThis.fetch, fs.readFileSync, terminal.warn]
  const before = globals()
  const [first, second] = [await hostWith({}), await hostWith({})]
  await first.close()
  expect(globals().filter((value, n) => value === before[n])).toEqual([])
  await second.close()
  expect(await readErrorAnswer({ main: "throw new Error('broken')" })).toBe("broken")
  expect(globals().filter((value, n) => value === before[n])).toHaveLength(before.length)
})

test("a plugin is switched off once, and its folder is gone", async () => {
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
  ["setTimeout(() => {}, 1e6).unref()", "", /^Timeout made at main\.js:\d+:\d+$/],
  [
    "void sleep(1e6, undefined, { ref: false })",
    'import { setTimeout as sleep } from "node:timers/promises"',
    /^Timeout made at main\.js/,
  ],
  ["setInterval(() => {}, 1e6).unref()", "", /^Timeout made at main\.js/],
  ["createServer().listen(0, '127.0.0.1').unref()", 'import { createServer } from "node:http"', /^TCPSERVERWRAP/],
  ["settings.onDidChange(() => {})", "", /^listener of settings\.onDidChange$/],
  ["void fetch('https://api.test/')", "", /^request GET https:\/\/api\.test\/$/],
  ["ui.createStatusBarItem({ id: 'a', alignment: 'left' })", "", /^status bar item a$/],
])("sees that %s is left", async (use, line, leaks) => {
  const host = await hostWith({ main: source(use, provider(), line) }, { fetch: () => new Promise(() => {}) })
  await host.run("demo.run")
  await host.dispose()
  expect(await host.leaks()).toContainEqual(expect.stringMatching(leaks))
  expect(await messageOf(host.close())).toMatch(/^The plugin left behind: /)
})

test("what was ended, what ended, and what nobody can end is not left", async () => {
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

test("registrations that dispose forgets are left", async () => {
  const main = source().replace("registered.forEach((one) => one.dispose())", "{}")
  const host = await hostWith({ main })
  expect(await messageOf(host.close())).toBe("The plugin left behind: command demo.run, provider demo.")
})
