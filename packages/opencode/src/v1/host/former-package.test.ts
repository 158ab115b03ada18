import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { describe, expect, it } from "vitest"
import { warnOfFormerPackage } from "./former-package.ts"

function warnings(plugins: unknown): string[] {
  const { log, logged } = fakePlatform()
  warnOfFormerPackage(plugins, log)
  return logged.map(({ level, message }) => `${level}: ${message}`)
}

const OURS = "opencode-alibaba-qwen-cli-auth"
const WARNING =
  "warn: The plugin opencode-qwen-cli-auth is still in OpenCode's configuration and uses the same file for its sign-in. " +
  'Remove it from "plugin" and restart OpenCode; the sign-in is kept.'

describe("the former package in OpenCode's list of plugins", () => {
  it.each([
    "opencode-qwen-cli-auth",
    "opencode-qwen-cli-auth@latest",
    "opencode-qwen-cli-auth@1.0.2",
    ["opencode-qwen-cli-auth", { debug: true }],
    "file:///home/me/opencode-qwen-cli-auth",
    "file:///home/me/opencode-qwen-cli-auth/dist/index.js",
    "/home/me/node_modules/opencode-qwen-cli-auth/dist/",
    String.raw`C:\Users\me\opencode-qwen-cli-auth\dist\index.js`,
  ])("causes one warning: %j", (plugin) => {
    expect(warnings([OURS, plugin, plugin])).toEqual([WARNING])
  })

  it.each([
    OURS,
    `${OURS}@0.1.0`,
    [OURS, { note: "opencode-qwen-cli-auth" }],
    "my-opencode-qwen-cli-auth",
    "opencode-qwen-cli-auth-of-mine",
    "file:///home/me/opencode-qwen-cli-auth/packages/opencode/dist/index.js",
    7,
    null,
    [],
  ])("is not confused with another one: %j", (plugin) => {
    expect(warnings([plugin])).toEqual([])
  })

  it.each([undefined, null, "opencode-qwen-cli-auth", {}])("is not searched for in %j", (plugins) => {
    expect(warnings(plugins)).toEqual([])
  })
})
