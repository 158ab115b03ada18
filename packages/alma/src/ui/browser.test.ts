import { EventEmitter } from "node:events"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { describe, expect, it } from "vitest"
import { type BrowserSystem, browserOpener } from "./browser.ts"

const PAGE = "https://chat.qwen.ai/authorize?user_code=ABCD-1234&client=qwen-code"

type Outcome = "missing" | number | "runs on"

interface Situation {
  readonly openExternal?: (url: string) => unknown
  readonly shell?: unknown
  readonly os?: NodeJS.Platform
  readonly opener?: Outcome
}

function setUp({ openExternal, shell, os = "linux", opener = "missing" }: Situation) {
  const platform = fakePlatform()
  const started: { command: string; args: readonly string[]; shell: unknown }[] = []
  const system: BrowserSystem = {
    os,
    electron: async () => {
      if (shell === undefined) throw new Error("Cannot find package 'electron'")
      return { shell }
    },
    async spawn(command, args, options) {
      started.push({ command, args, shell: options.shell })
      const child = Object.assign(new EventEmitter(), { unref() {} })
      setImmediate(() => {
        if (opener === "missing") child.emit("error", new Error("ENOENT"))
        else if (opener !== "runs on") child.emit("exit", opener)
      })
      return child
    },
  }
  const open = browserOpener(platform, openExternal === undefined ? {} : { openExternal }, system)
  return { open, platform, started }
}

const fail = () => {
  throw new Error("no browser")
}

describe("opening the browser", () => {
  it.each<[string, Situation, boolean, number]>([
    ["Alma opens it", { openExternal: () => true, shell: { openExternal: fail } }, true, 0],
    ["Alma's function returns nothing", { openExternal: () => undefined }, true, 0],
    ["Alma throws, Electron opens it", { openExternal: fail, shell: { openExternal: async () => {} } }, true, 0],
    [
      "Alma says no, Electron opens it",
      { openExternal: async () => false, shell: { openExternal: () => {} } },
      true,
      0,
    ],
    ["Alma has none, Electron opens it", { shell: { openExternal: async () => {} } }, true, 0],
    [
      "Electron fails, the opener works",
      { shell: { openExternal: () => Promise.reject(new Error()) }, opener: 0 },
      true,
      1,
    ],
    ["Electron is another one, the opener works", { shell: {}, opener: 0 }, true, 1],
    ["only the opener works", { opener: 0 }, true, 1],
    ["the opener becomes the browser", { opener: "runs on" }, true, 1],
    ["the opener finds no browser", { opener: 3 }, false, 1],
    ["there is nothing", {}, false, 1],
  ])("returns whether a browser was opened: %s", async (_, situation, opened, processes) => {
    const { open, platform, started } = setUp(situation)
    expect(await open(PAGE)).toBe(opened)
    expect([started.length, platform.openWaits()]).toEqual([processes, 0])
  })

  it.each([
    ["linux", "xdg-open", [PAGE]],
    ["freebsd", "xdg-open", [PAGE]],
    ["darwin", "open", [PAGE]],
    ["win32", "rundll32", ["url.dll,FileProtocolHandler", PAGE]],
  ] as const)(
    "starts the opener of %s without a shell, with the whole address as one argument",
    async (os, command, args) => {
      const { open, started } = setUp({ os, opener: 0 })
      await open(PAGE)
      expect(started).toEqual([{ command, args, shell: undefined }])
    },
  )

  it.each(["file:///etc/passwd", "javascript:alert(1)", "-v", "--help", "", "calc.exe", " https://a.test"])(
    "does not open %j",
    async (url) => {
      const opened: string[] = []
      const { open, started } = setUp({ openExternal: (address) => opened.push(address), opener: 0 })
      expect(await open(url)).toBe(false)
      expect([opened, started]).toEqual([[], []])
    },
  )

  it("does not wait for a function that never answers", async () => {
    const { open, platform } = setUp({ openExternal: () => new Promise(() => {}) })
    expect(await open(PAGE)).toBe(true)
    await settle()
    expect(platform.waits).toEqual([2_000])
  })
})
