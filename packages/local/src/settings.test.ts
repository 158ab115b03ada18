import { createHash } from "node:crypto"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { SettingSources } from "./paths.ts"
import { readLogSettings, readSettings } from "./settings.ts"

const read = (sources: Partial<SettingSources>) =>
  readSettings({ environment: {}, options: {}, home: "/home/ada", temporary: "/temporary", ...sources })

/** The name of the lock for `/home/ada/.opencode/qwen/oauth_token.json`. */
const nameOfAdas = createHash("sha256")
  .update(join("/home/ada", ".opencode", "qwen", "oauth_token.json"))
  .digest("hex")
  .slice(0, 16)

function problemOf(sources: Partial<SettingSources>) {
  const outcome = read(sources)
  return "problem" in outcome ? outcome.problem : undefined
}

describe("the settings", () => {
  it("have only paths when nothing is set", () => {
    expect(read({})).toMatchObject({
      settings: {
        tokenFile: join("/home/ada", ".opencode", "qwen", "oauth_token.json"),
        fallbackLockFolder: join("/temporary", `qwen-auth-${nameOfAdas}.lock`),
        oauthBaseUrl: "https://chat.qwen.ai",
        apiBaseUrl: undefined,
      },
    })
  })

  it("name the files in which other programs keep keys", () => {
    expect(read({})).toMatchObject({
      settings: {
        openCodeAuthFile: join("/home/ada", ".local", "share", "opencode", "auth.json"),
        bailianConfigFile: join("/home/ada", ".bailian", "config.json"),
        qwenCloudConfigFile: join("/home/ada", ".qwencloud", "config.json"),
      },
    })
  })

  it.each([
    ["/data", join("/data", "opencode", "auth.json")],
    ["", join("/home/ada", ".local", "share", "opencode", "auth.json")],
    ["relative", join("/home/ada", ".local", "share", "opencode", "auth.json")],
  ])("follow XDG_DATA_HOME for OpenCode's file: %j", (folder, file) => {
    expect(read({ environment: { XDG_DATA_HOME: folder } })).toMatchObject({ settings: { openCodeAuthFile: file } })
  })

  it("have a separate lock for each sign-in in the temporary folder, whose name does not reveal the path", () => {
    const folders = ["/home/ada", "/home/bob"].map((home) => {
      const outcome = read({ home })
      return "settings" in outcome ? outcome.settings.fallbackLockFolder : ""
    })
    expect(new Set(folders).size).toBe(2)
    for (const folder of folders) expect(folder).toMatch(/qwen-auth-[0-9a-f]{16}\.lock$/)
  })

  it("come from the environment", () => {
    const environment = { QWEN_OAUTH_BASE_URL: "https://a.test/", QWEN_API_BASE_URL: "http://127.0.0.1:4000/v1/" }
    expect(read({ environment })).toMatchObject({
      settings: { oauthBaseUrl: "https://a.test", apiBaseUrl: "http://127.0.0.1:4000/v1" },
    })
  })

  it("come from the plugin's options", () => {
    const options = { oauthBaseUrl: "https://a.test", apiBaseUrl: "https://b.test/v1" }
    expect(read({ options })).toMatchObject({
      settings: { oauthBaseUrl: "https://a.test", apiBaseUrl: "https://b.test/v1" },
    })
  })

  it("come from the environment before the options, each separately", () => {
    const environment = { QWEN_OAUTH_BASE_URL: "https://environment.test" }
    const options = { oauthBaseUrl: "https://options.test", apiBaseUrl: "https://options.test/v1" }
    expect(read({ environment, options })).toMatchObject({
      settings: { oauthBaseUrl: "https://environment.test", apiBaseUrl: "https://options.test/v1" },
    })
  })

  it("come from the options when the environment's are empty", () => {
    const environment = { QWEN_OAUTH_BASE_URL: "", QWEN_API_BASE_URL: undefined }
    expect(read({ environment, options: { oauthBaseUrl: "https://options.test" } })).toMatchObject({
      settings: { oauthBaseUrl: "https://options.test" },
    })
  })

  it("use QWEN_HOME for Qwen Code's folder, if it is absolute", () => {
    const folder = (home: string) => {
      const outcome = read({ environment: { QWEN_HOME: home } })
      return "settings" in outcome ? outcome.settings.qwenCodeFolder : undefined
    }
    expect(folder("/elsewhere/qwen")).toBe("/elsewhere/qwen")
    expect(folder("")).toBe(join("/home/ada", ".qwen"))
    expect(folder("elsewhere")).toBe(join("/home/ada", ".qwen"))
  })

  it.each(["qwen-code", 7])("contain the option credentials without validation: %j", (credentials) => {
    expect(read({ options: { credentials } })).toMatchObject({ settings: { credentials } })
  })

  it.each([true, "0", 7, null])("contain the option qwenMode without validation: %j", (qwenMode) => {
    expect(read({ options: { qwenMode } })).toMatchObject({ settings: { qwenMode } })
  })

  it("are undefined for options that are not set", () => {
    expect(read({})).toMatchObject({ settings: { credentials: undefined, qwenMode: undefined } })
  })

  it("have the cache folder in OpenCode's folder", () => {
    expect(read({})).toMatchObject({ settings: { cacheFolder: join("/home/ada", ".opencode", "cache") } })
  })

  it("name unknown options, which are mostly misspelled", () => {
    const options = { apiBaseURL: "https://a.test", somethingNew: 1 }
    expect(read({ options })).toMatchObject({ settings: { unknownOptions: ["apiBaseURL", "somethingNew"] } })
  })

  it("accept every known option", () => {
    const options = {
      oauthBaseUrl: "https://a.test",
      apiBaseUrl: "https://b.test/v1",
      credentials: "own",
      qwenMode: true,
      promptCache: true,
      verifySignIn: false,
      debug: true,
      requestLog: true,
    }
    expect(read({ options })).toMatchObject({ settings: { unknownOptions: [] } })
  })
})

describe("invalid settings return a problem that names them", () => {
  it.each([
    [{ environment: { QWEN_OAUTH_BASE_URL: "http://a.test" } }, "QWEN_OAUTH_BASE_URL"],
    [{ environment: { QWEN_API_BASE_URL: "a.test" } }, "QWEN_API_BASE_URL"],
    [{ environment: { QWEN_API_BASE_URL: "https://a.test/?x=1" } }, "QWEN_API_BASE_URL"],
    [{ options: { oauthBaseUrl: "ftp://a.test" } }, "The plugin option oauthBaseUrl"],
    [{ options: { apiBaseUrl: "" } }, "The plugin option apiBaseUrl"],
    [{ options: { oauthBaseUrl: 7 } }, "The plugin option oauthBaseUrl must be a string."],
    [{ options: { apiBaseUrl: null } }, "The plugin option apiBaseUrl must be a string."],
    [{ options: { apiBaseUrl: ["https://a.test"] } }, "The plugin option apiBaseUrl must be a string."],
  ])("%j", (sources, message) => {
    const problem = problemOf(sources)
    expect(problem?.code).toBe("invalid_endpoint")
    expect(problem?.message).toContain(message)
    expect(problem?.remedy).toBeDefined()
  })

  it("an option that the environment overrides", () => {
    const sources = { environment: { QWEN_API_BASE_URL: "https://a.test" }, options: { apiBaseUrl: 7 } }
    expect(problemOf(sources)?.message).toContain("apiBaseUrl")
  })
})

describe("the settings of the logs", () => {
  const readLogs = (sources: Partial<SettingSources>) =>
    readLogSettings({ environment: {}, options: {}, home: "/home/ada", temporary: "/temporary", ...sources })

  it("are off, in a folder of the plugin's", () => {
    const folder = join("/home/ada", ".opencode", "logs", "qwen-plugin")
    expect(readLogs({})).toEqual({ debug: false, requests: false, folder })
  })

  it.each([
    ["1", true],
    ["true", true],
    [" TRUE ", true],
    ["0", false],
    ["false", false],
    ["yes", false],
    ["", false],
    [" ", false],
    [undefined, false],
  ])("are with %j in the environment: %s", (value, on) => {
    expect(readLogs({ environment: { DEBUG_QWEN_PLUGIN: value } })).toMatchObject({ debug: on, requests: false })
    const environment = { ENABLE_PLUGIN_REQUEST_LOGGING: value }
    expect(readLogs({ environment })).toMatchObject({ debug: false, requests: on })
  })

  it.each([
    [true, true],
    [false, false],
    ["true", false],
    [1, false],
    [null, false],
  ])("are with the option %j: %s", (value, on) => {
    expect(readLogs({ options: { debug: value, requestLog: value } })).toMatchObject({ debug: on, requests: on })
  })

  it("come from the environment before the options, unless a variable is empty", () => {
    const options = { debug: true, requestLog: true }
    const environment = { DEBUG_QWEN_PLUGIN: "0", ENABLE_PLUGIN_REQUEST_LOGGING: "" }
    expect(readLogs({ options, environment })).toMatchObject({ debug: false, requests: true })
  })

  it("can be read when all other settings are wrong", () => {
    const environment = { QWEN_API_BASE_URL: "nonsense", DEBUG_QWEN_PLUGIN: "1" }
    expect(readLogs({ environment }).debug).toBe(true)
  })
})
