import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { START } from "qwen-auth-testing/fake-platform"
import { firewallPage, json, networkError } from "qwen-auth-testing/replies"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { PLUGIN_NAME } from "../setup/plugin-lists.ts"
import { type FakeWorldOptions, fakeWorld } from "../testing/fake-world.ts"
import { leaveFile, leaveSignIn, tokenFileIn } from "../testing/stored.ts"
import { examine } from "./doctor.ts"
import type { Probes } from "./finding.ts"

const temporaryFolder = temporaryFolders()
const NOW = { date: new Date(START).toUTCString() }
const SECRETS = ["access-1", "refresh-1", "sk-sp-one-secret", "sk-sp-two-secret", "proxy-password"]

interface SetUp extends FakeWorldOptions {
  readonly probes?: Partial<Probes>
  /** How much time has passed, ms. */
  readonly laterMs?: number
}

const configIn = (home: string) => join(home, ".config", "opencode", "opencode.json")
const almaIn = (home: string) => join(home, ".config", "alma", "plugins", "qwen-auth")
const config = (home: string, text: string) => leaveFile(configIn(home), text)

/** A healthy computer: signed in, with OpenCode 1, the plugin and Alma's folder. */
async function healthyHome(): Promise<string> {
  const home = await temporaryFolder()
  await leaveSignIn(home, credential())
  await config(home, JSON.stringify({ plugin: [PLUGIN_NAME], plugins: [PLUGIN_NAME], model: "alibaba/coder-model" }))
  const installed = join(home, ".cache", "opencode", "packages", `${PLUGIN_NAME}@latest`, "node_modules", PLUGIN_NAME)
  await leaveFile(join(installed, "dist", "index.js"), "")
  await leaveFile(join(almaIn(home), "package.json"), `{"name":"qwen-auth-alma","version":"0.1.0"}`)
  await leaveFile(join(almaIn(home), "manifest.json"), `{"id":"qwen-auth","main":"main.js"}`)
  await leaveFile(join(almaIn(home), "main.js"), "")
  return home
}

async function findingsIn(home: string, { probes, laterMs = 0, ...options }: SetUp = {}) {
  const world = fakeWorld(home, { rest: json({}, 200, NOW), ...options })
  world.platform.pass(laterMs)
  const healthy: Probes = {
    output: async () => "1.18.33\n",
    importModule: async () => ({ default: { id: PLUGIN_NAME, server: () => {} } }),
    portUse: async () => "free",
  }
  return examine(world, { ...healthy, ...probes }, false, new AbortController().signal)
}

describe("doctor", () => {
  it("finds no problem on a healthy computer, with OpenCode 1 and with OpenCode 2", async () => {
    for (const version of ["1.18.33", "opencode 2.3.0"]) {
      const findings = await findingsIn(await healthyHome(), { probes: { output: async () => version } })
      expect(findings.filter(({ state }) => state !== "ok")).toEqual([])
      expect(findings.map(({ check }) => check)).toEqual(
        expect.arrayContaining(["runtime", "sign-in", "network", "clock", "OpenCode", "plugin", "Alma", "port"]),
      )
    }
  })

  it("reports no problem where neither OpenCode nor Alma is installed", async () => {
    const home = await temporaryFolder()
    await leaveSignIn(home, credential())
    const findings = await findingsIn(home, { probes: { output: async () => undefined } })
    expect(findings.filter(({ state }) => state === "problem")).toEqual([])
  })

  it("accepts a read-only home folder when the key is in the environment", async () => {
    const home = await temporaryFolder()
    await chmod(home, 0o500)
    const environment = { BAILIAN_CODING_PLAN_API_KEY: "sk-sp-from-the-environment" }
    const findings = await findingsIn(home, { environment, probes: { output: async () => undefined } })
    await chmod(home, 0o700)
    expect(findings.filter(({ state }) => state === "problem")).toEqual([])
  })

  const lockIn = (home: string) => join(dirname(tokenFileIn(home)), "oauth_token.json.lock")
  const certificate = Object.assign(new Error("unable to verify the first certificate"), {
    code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  })
  const unknownName = Object.assign(new Error("getaddrinfo ENOTFOUND chat.qwen.ai"), { code: "ENOTFOUND" })
  const fails = (cause: Error) => () => Promise.reject(new TypeError("fetch failed", { cause }))

  /** A problem that is planted into the healthy computer, and patterns of its report and its remedy. */
  const PLANTED: readonly (readonly [
    name: string,
    plant: (home: string) => Promise<unknown>,
    message: RegExp,
    remedy: RegExp,
  ])[] = [
    [
      "an old Node.js",
      async () => ({ nodeVersion: "18.20.0" }),
      /^Node\.js 18\.20\.0 is too old/,
      /20\.19\.0 or newer/,
    ],
    ["nobody signed in", async (home) => rm(tokenFileIn(home)), /^You are not signed in to Qwen\.$/, /qwen-auth login/],
    [
      "a broken sign-in file",
      async (home) => leaveFile(tokenFileIn(home), "{ broken"),
      /does not hold a complete sign-in/,
      /qwen-auth login/,
    ],
    [
      "a file that others can read",
      async (home) => chmod(tokenFileIn(home), 0o644),
      /Other users can read .*\(mode 644\)/,
      /chmod 600/,
    ],
    [
      "a folder that others can read",
      async (home) => chmod(dirname(tokenFileIn(home)), 0o755),
      /\(mode 755\)/,
      /chmod 700/,
    ],
    [
      "a folder that is not writable",
      async (home) => chmod(dirname(tokenFileIn(home)), 0o500),
      /is not writable/,
      /chmod 700/,
    ],
    [
      "a home folder that is not writable, without a sign-in",
      async (home) => {
        await rm(join(home, ".opencode"), { recursive: true })
        await chmod(home, 0o500)
      },
      /^The sign-in cannot be stored, because ~ is not writable\.$/,
      /chmod u\+w ~$/,
    ],
    [
      "a lock that is held for minutes",
      async (home) => {
        await leaveFile(join(lockIn(home), "7"), JSON.stringify({ pid: 1, host: "this-machine" }))
        // The file has the real time of its creation.
        return { laterMs: Date.now() - START + 180_000 }
      },
      /Process 1 on this-machine has held the lock/,
      /End that process/,
    ],
    [
      "a clock that is behind",
      async () => ({ rest: json({}, 200, { date: new Date(START + 600_000).toUTCString() }) }),
      /10 minutes behind/,
      /time automatically/,
    ],
    [
      "a name that is not found",
      async () => ({ rest: fails(unknownName) }),
      /name chat\.qwen\.ai was not found/,
      /DNS server/,
    ],
    [
      "a certificate that is not trusted",
      async () => ({ rest: fails(certificate) }),
      /certificate of chat\.qwen\.ai is not trusted/,
      /NODE_EXTRA_CA_CERTS/,
    ],
    ["a firewall's page", async () => ({ rest: firewallPage(200) }), /web firewall answered/, /another network/],
    ["a service that is down", async () => ({ rest: networkError() }), /could not be reached/, /network connection/],
    [
      "an invalid proxy address",
      async () => ({ environment: { HTTPS_PROXY: "http://me:proxy-password@ proxy" } }),
      /HTTPS_PROXY is not the address/,
      /http:\/\/name:password@proxy/,
    ],
    [
      "a SOCKS proxy",
      async () => ({ environment: { HTTPS_PROXY: "socks5://me:proxy-password@proxy:1080" } }),
      /SOCKS/,
      /HTTP port/,
    ],
    [
      "certificates that are not checked",
      async () => ({ environment: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } }),
      /turns off the check/,
      /Remove it/,
    ],
    [
      "two different keys in the environment",
      async () => ({
        environment: {
          BAILIAN_CODING_PLAN_API_KEY: "sk-sp-one-secret",
          BAILIAN_TOKEN_PLAN_API_KEY: "sk-sp-two-secret",
        },
      }),
      /hold different keys/,
      /Remove those/,
    ],
    [
      "a plan's key in OpenCode's variable",
      async () => ({ environment: { DASHSCOPE_API_KEY: "sk-sp-one-secret" } }),
      /sends to pay as you go/,
      /BAILIAN_CODING_PLAN_API_KEY/,
    ],
    [
      "broken settings",
      async (home) => leaveFile(join(home, ".opencode", "qwen", "auth-config.json"), "{ x"),
      /not valid JSON \(line 1, column 3\)/,
      /Correct or remove/,
    ],
    [
      "settings that are a folder",
      async (home) => mkdir(join(home, ".opencode", "qwen", "auth-config.json")),
      /auth-config\.json cannot be read: it is not a file\.$/,
      /^Correct or remove it\.$/,
    ],
    [
      "settings that are a list",
      async (home) => leaveFile(join(home, ".opencode", "qwen", "auth-config.json"), "[]"),
      /auth-config\.json is not a JSON object and is ignored\.$/,
      /Correct or remove/,
    ],
    [
      "a misspelled setting",
      async (home) => leaveFile(join(home, ".opencode", "qwen", "auth-config.json"), `{"qwenmode":true}`),
      /auth-config\.json has unknown entries, which are ignored: "qwenmode"\.$/,
      /Correct or remove/,
    ],
    [
      "a setting with a wrong choice",
      async (home) =>
        leaveFile(join(home, ".opencode", "qwen", "auth-config.json"), `{"credentials":"sk-sp-one-secret"}`),
      /auth-config\.json has an invalid value of "credentials", which is ignored\.$/,
      /"own" or "qwen-code"/,
    ],
    [
      "a setting that is neither on nor off",
      async (home) => leaveFile(join(home, ".opencode", "qwen", "auth-config.json"), `{"promptCache":"yes"}`),
      /auth-config\.json has an invalid value of "promptCache", which is ignored\.$/,
      /true or false/,
    ],
    [
      "an OpenCode that is too old",
      async () => ({ probes: { output: async () => "0.15.31" } }),
      /OpenCode 0\.15\.31 is not supported/,
      /opencode upgrade/,
    ],
    [
      "a configuration without the plugin",
      async (home) => config(home, "{}"),
      /not in the list "plugin"/,
      /qwen-auth setup opencode/,
    ],
    [
      "a configuration with the plugin for OpenCode 1 only",
      async (home) => {
        await config(home, `{"plugin":["${PLUGIN_NAME}"]}`)
        return { probes: { output: async () => "2.3.0" } }
      },
      /not in the list "plugins"/,
      /qwen-auth setup opencode/,
    ],
    [
      "a configuration that is not JSON",
      async (home) => config(home, "{ plugin: }"),
      /not valid JSON with comments/,
      /Correct that file/,
    ],
    [
      "a configuration that is a folder",
      async (home) => {
        await rm(configIn(home))
        await mkdir(configIn(home))
      },
      /opencode\.json cannot be read: it is not a file\.$/,
      /^Correct or remove it\.$/,
    ],
    [
      "a configuration that is not text",
      async (home) => writeFile(configIn(home), new Uint8Array([0x7b, 0xff, 0x7d])),
      /opencode\.json cannot be read: it is not UTF-8 text\.$/,
      /^Correct or remove it\.$/,
    ],
    [
      "a model without its provider",
      async (home) => config(home, `{"plugin":["${PLUGIN_NAME}"],"model":"coder-model"}`),
      /"model" has no provider: "coder-model"/,
      /"alibaba\/coder-model"/,
    ],
    [
      "a disabled provider",
      async (home) => config(home, `{"plugin":["${PLUGIN_NAME}"],"disabled_providers":["alibaba"]}`),
      /is disabled/,
      /disabled_providers/,
    ],
    [
      "Anthropic's SDK",
      async (home) => config(home, `{"plugin":["${PLUGIN_NAME}"],"provider":{"alibaba":{"npm":"@ai-sdk/anthropic"}}}`),
      /Anthropic's format/,
      /Remove "npm"/,
    ],
    [
      "a key in the configuration",
      async (home) =>
        config(home, `{"plugin":["${PLUGIN_NAME}"],"provider":{"alibaba":{"options":{"apiKey":"sk-sp-one-secret"}}}}`),
      /replace the address or the key/,
      /"apiKey"/,
    ],
    [
      "the former plugin",
      async (home) => config(home, `{"plugin":["${PLUGIN_NAME}","opencode-qwen-cli-auth@1"]}`),
      /former plugin/,
      /Remove it/,
    ],
    [
      "a checkout that is not built",
      async (home) => config(home, `{"plugin":["/nowhere/packages/opencode"]}`),
      /no plugin at \/nowhere/,
      /npm run build/,
    ],
    [
      "a plugin that does not load",
      async () => ({ probes: { importModule: () => Promise.reject(new Error("broken")) } }),
      /does not load/,
      /npm run build/,
    ],
    [
      "an incomplete folder of Alma",
      async (home) => writeFile(join(almaIn(home), "manifest.json"), "{}"),
      /is incomplete/,
      /qwen-auth setup alma/,
    ],
    [
      "another plugin with the same id",
      async (home) => writeFile(join(almaIn(home), "package.json"), `{"name":"other"}`),
      /another plugin/,
      /qwen-auth setup alma/,
    ],
    [
      "a port in use",
      async () => ({ probes: { portUse: async () => "other" } }),
      /Another program uses port/,
      /--next-port/,
    ],
  ]

  it.each(PLANTED)("finds %s and names the remedy", async (_, plant, message, remedy) => {
    const home = await healthyHome()
    const planted = await plant(home)
    const options: SetUp = typeof planted === "object" && planted !== null ? planted : {}
    const findings = await findingsIn(home, options)
    await chmod(home, 0o700)
    await chmod(dirname(tokenFileIn(home)), 0o700).catch(() => {})

    const problems = findings.filter(({ state }) => state === "problem")
    const found = problems.find((each) => message.test(each.message))
    expect(found, JSON.stringify(problems)).toBeDefined()
    expect(found?.remedy).toMatch(remedy)
    const text = JSON.stringify(findings)
    for (const secret of [...SECRETS, home]) expect(text).not.toContain(secret)
  })

  it.each([
    ["20.20.2", "HTTPS_PROXY is set, but Node.js 20.20.2 cannot use it. Node.js 24 can, with NODE_USE_ENV_PROXY=1."],
    ["22.20.0", "HTTPS_PROXY is set, but Node.js 22.20.0 cannot use it. Node.js 24 can, with NODE_USE_ENV_PROXY=1."],
    ["23.11.0", "HTTPS_PROXY is set, but Node.js 23.11.0 cannot use it. Node.js 24 can, with NODE_USE_ENV_PROXY=1."],
    ["22.21.0", "HTTPS_PROXY is used."],
    ["24.0.0", "HTTPS_PROXY is used."],
  ])("says whether Node.js %s uses the proxy", async (nodeVersion, message) => {
    const environment = { HTTPS_PROXY: "http://proxy:8080", NODE_USE_ENV_PROXY: "1" }
    const findings = await findingsIn(await healthyHome(), { environment, nodeVersion })
    expect(findings.filter(({ check }) => check === "proxy").map((each) => each.message)).toEqual([message])
  })

  it("ends when it is cancelled while a program does not answer", async () => {
    const cancel = new AbortController()
    const world = fakeWorld(await healthyHome(), { rest: json({}, 200, NOW) })
    const output: Probes["output"] = (_command, _args, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(undefined))
        cancel.abort()
      })
    const probes: Probes = { output, importModule: async () => ({}), portUse: async () => "free" }
    await expect(examine(world, probes, false, cancel.signal)).rejects.toMatchObject({ code: "aborted" })
  })

  it("reads settings in UTF-16, as every command does", async () => {
    const home = await healthyHome()
    const path = join(home, ".opencode", "qwen", "auth-config.json")
    await writeFile(path, "\ufeff{}", "utf16le")
    const findings = await findingsIn(home)
    expect(findings.find(({ check }) => check === "settings")).toMatchObject({ state: "ok" })
  })

  it("changes no file", async () => {
    const home = await healthyHome()
    const before = await readFile(tokenFileIn(home), "utf8")
    await findingsIn(home)
    expect(await readFile(tokenFileIn(home), "utf8")).toBe(before)
    await expect(stat(lockIn(home))).rejects.toThrow("ENOENT")
  })

  it("reports the lock of an ended process as a note", async () => {
    const home = await healthyHome()
    await mkdir(lockIn(home))
    await writeFile(join(lockIn(home), "7"), JSON.stringify({ pid: 1, host: "this-machine" }))
    const findings = await findingsIn(home, { isAlive: () => false })
    expect(findings.find(({ check }) => check === "lock")).toMatchObject({ state: "note" })
  })
})
