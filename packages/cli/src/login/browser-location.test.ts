import { describe, expect, it } from "vitest"
import { browserLocation } from "./browser-location.ts"

type Case = readonly [
  NodeJS.Platform,
  Readonly<Record<string, string>>,
  readonly string[],
  ReturnType<typeof browserLocation>,
]

const CASES: readonly Case[] = [
  ["darwin", {}, [], "here"],
  ["win32", {}, [], "here"],
  ["darwin", { SSH_CONNECTION: "10.0.0.1 5 10.0.0.2 22" }, [], "ssh"],
  ["win32", { SSH_CLIENT: "10.0.0.1 5 22" }, [], "ssh"],
  ["linux", { DISPLAY: ":0" }, [], "here"],
  ["linux", { WAYLAND_DISPLAY: "wayland-0" }, [], "here"],
  ["linux", { DISPLAY: ":0", SSH_TTY: "/dev/pts/0" }, [], "ssh"],
  ["linux", { DISPLAY: ":0" }, ["/.dockerenv"], "container"],
  ["linux", { DISPLAY: ":0" }, ["/run/.containerenv"], "container"],
  ["linux", { CODESPACES: "true" }, [], "container"],
  ["linux", { WSL_DISTRO_NAME: "Ubuntu" }, [], "here"],
  ["linux", {}, [], "no-display"],
  ["linux", { DISPLAY: "" }, [], "no-display"],
]

describe("browserLocation", () => {
  it.each(CASES)("returns on %s with %j and %j: %s", (system, environment, files, expected) => {
    const sources = { environment, options: {}, home: "/home/me", temporary: "/tmp" }
    expect(browserLocation({ system, sources, isFile: (path) => files.includes(path) })).toBe(expected)
  })
})
