import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { formatStoredCredential } from "qwen-auth-core/internal"
import { credential, keyCredential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { existingKeys, type KeyFiles, readExistingKey } from "./existing-keys.ts"
import { existingSignIns } from "./existing-sign-ins.ts"

const temporaryFolder = temporaryFolders()

const SECRET = "s3cr3tmarker0123456789"
const PLAN_KEY = `sk-sp-${SECRET}`
const KEY = `sk-${SECRET}`

type Contents = Partial<Record<keyof KeyFiles, unknown>>

/** Writes the files: a text unchanged, any other value as JSON. */
async function writeKeyFiles(contents: Contents): Promise<KeyFiles & { qwenCodeFolder: string }> {
  const folder = await temporaryFolder()
  const files = {
    tokenFile: join(folder, "own.json"),
    openCodeAuthFile: join(folder, "auth.json"),
    bailianConfigFile: join(folder, "bailian.json"),
    qwenCloudConfigFile: join(folder, "qwencloud.json"),
  }
  for (const name of ["tokenFile", "openCodeAuthFile", "bailianConfigFile", "qwenCloudConfigFile"] as const) {
    const content = contents[name]
    if (content === undefined) continue
    await mkdir(dirname(files[name]), { recursive: true })
    await writeFile(files[name], typeof content === "string" ? content : JSON.stringify(content))
  }
  return { ...files, qwenCodeFolder: join(folder, "qwen-code") }
}

const api = (key: string) => ({ type: "api", key })

describe("the keys on this computer", () => {
  it.each<[string, Contents, string, object]>([
    ...(
      [
        ["alibaba-coding-plan", "coding-plan", "international"],
        ["alibaba-coding-plan-cn", "coding-plan", "china"],
        ["alibaba-token-plan", "token-plan", "international"],
        ["alibaba-token-plan-cn", "token-plan", "china"],
        ["alibaba-cn", "pay-as-you-go", "china"],
      ] as const
    ).map(([provider, plan, region]): [string, Contents, string, object] => [
      `OpenCode's ${provider}`,
      { openCodeAuthFile: { [provider]: api(PLAN_KEY) } },
      `Found: API key of OpenCode's provider ${provider}`,
      { apiKey: PLAN_KEY, hint: { plan, region } },
    ]),
    [
      "the official command's, with its address",
      { bailianConfigFile: { api_key: KEY, base_url: "https://maas.qwencloudapi.com/compatible-mode/v1" } },
      "Found: API key in ~/.bailian/config.json",
      {
        apiKey: KEY,
        endpoint: {
          plan: "pay-as-you-go",
          region: "international",
          baseUrl: "https://maas.qwencloudapi.com/compatible-mode/v1",
        },
      },
    ],
    [
      "the official command's, without an address",
      { bailianConfigFile: { api_key: ` ${KEY}\n` } },
      "Found: API key in ~/.bailian/config.json",
      { apiKey: KEY },
    ],
    [
      "Qwen Cloud's, whose address must not get a key",
      { qwenCloudConfigFile: { api_key: KEY, base_url: "https://maas.qwencloudapi.com.evil.test/v1" } },
      "Found: API key in ~/.qwencloud/config.json",
      { apiKey: KEY },
    ],
    [
      "our command's",
      { tokenFile: formatStoredCredential(keyCredential({ apiKey: PLAN_KEY })) },
      "Found: API key of the qwen-auth command",
      {
        apiKey: PLAN_KEY,
        endpoint: {
          plan: "coding-plan",
          region: "international",
          baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
        },
      },
    ],
  ])("are %s", async (_, contents, label, key) => {
    const files = await writeKeyFiles(contents)
    const found = existingKeys(files)
    expect(found).toEqual([{ kind: "key", id: expect.any(String), label }])
    expect(readExistingKey(files, found[0]?.id ?? "")).toEqual(key)
    expect(JSON.stringify(existingSignIns(files))).not.toContain(SECRET)
  })

  it("come after the accounts, each with another id", async () => {
    const files = await writeKeyFiles({
      tokenFile: formatStoredCredential(credential()),
      openCodeAuthFile: { "alibaba-cn": api(KEY), "alibaba-coding-plan": api(PLAN_KEY) },
      bailianConfigFile: { api_key: KEY },
      qwenCloudConfigFile: { api_key: KEY },
    })
    const ids = existingSignIns(files).map(({ id }) => id)
    expect(ids).toEqual(["own", "opencode-alibaba-coding-plan", "opencode-alibaba-cn", "bailian", "qwencloud"])
  })

  it.each<[string, Contents]>([
    ["there are no files", {}],
    ["the plugin's file contains an account", { tokenFile: formatStoredCredential(credential()) }],
    ["the files are empty", { openCodeAuthFile: "", bailianConfigFile: "", qwenCloudConfigFile: "" }],
    [
      "the files are not JSON",
      { openCodeAuthFile: `{"alibaba-cn":{"type":"api","key":"${KEY}"`, bailianConfigFile: KEY },
    ],
    ["the files contain other values", { openCodeAuthFile: [KEY], bailianConfigFile: "null", qwenCloudConfigFile: 7 }],
    ["OpenCode's entry belongs to another provider", { openCodeAuthFile: { alibaba: api(KEY), openai: api(KEY) } }],
    ["OpenCode's entry has another type", { openCodeAuthFile: { "alibaba-cn": { type: "oauth", key: KEY } } }],
    ["the entry is inherited", { openCodeAuthFile: `{"__proto__":{"alibaba-cn":{"type":"api","key":"${KEY}"}}}` }],
    ["the keys are not Model Studio's", { openCodeAuthFile: { "alibaba-cn": api("AIza0123456789") } }],
    ["the key is obfuscated", { bailianConfigFile: { api_key: `o1_${SECRET}` } }],
    ["the key is not a text", { bailianConfigFile: { api_key: [KEY] } }],
    ["the file is too large", { bailianConfigFile: { api_key: KEY, x: "x".repeat(1024 * 1024) } }],
  ])("are empty when %s", async (_, contents) => {
    expect(existingKeys(await writeKeyFiles(contents))).toEqual([])
  })

  it("are empty when the paths are folders", async () => {
    const files = await writeKeyFiles({})
    for (const path of [files.tokenFile, files.openCodeAuthFile, files.bailianConfigFile]) await mkdir(path)
    expect(existingKeys(files)).toEqual([])
  })

  it("are read again when one is chosen", async () => {
    const files = await writeKeyFiles({ bailianConfigFile: { api_key: KEY } })
    expect(readExistingKey(files, "bailian")).toEqual({ apiKey: KEY })
    await writeFile(files.bailianConfigFile, "{}")
    expect(readExistingKey(files, "bailian")).toBeUndefined()
    expect(readExistingKey(files, "unknown")).toBeUndefined()
  })
})
