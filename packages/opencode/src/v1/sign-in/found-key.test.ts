import { readFile } from "node:fs/promises"
import { inspect } from "node:util"
import {
  CODING_PLAN,
  formatStoredCredential,
  PAY_AS_YOU_GO,
  parseApiEndpoint,
  TOKEN_PLAN,
} from "qwen-auth-core/internal"
import type { Settings } from "qwen-auth-local/settings"
import type { FakePlatformOptions } from "qwen-auth-testing/fake-platform"
import { accepting, endpointOf, endpointReplies } from "qwen-auth-testing/key-endpoints"
import { rejected } from "qwen-auth-testing/refusals"
import { networkError } from "qwen-auth-testing/replies"
import { keyCredential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { authorized } from "../testing/authorized.ts"
import { messageOf } from "../testing/message-of.ts"
import { leaveFile, signInSetUp } from "../testing/sign-in-set-up.ts"
import { signInMethods } from "./methods.ts"

const temporaryFolder = temporaryFolders()

const SECRET = "s3cr3tmarker0123456789"
const PLAN_KEY = `sk-sp-${SECRET}`
const KEY = `sk-${SECRET}`

/** The files that can contain a key, each with its content and the label of its method. */
const KEY_FILES = {
  opencode: {
    file: "openCodeAuthFile",
    content: JSON.stringify({ "alibaba-coding-plan-cn": { type: "api", key: PLAN_KEY } }),
    label: "Found: API key of OpenCode's provider alibaba-coding-plan-cn",
  },
  bailian: {
    file: "bailianConfigFile",
    content: JSON.stringify({ api_key: KEY, base_url: "https://ws-1.eu-central-1.maas.aliyuncs.com" }),
    label: "Found: API key in ~/.bailian/config.json",
  },
  qwencloud: {
    file: "qwenCloudConfigFile",
    content: JSON.stringify({ api_key: KEY }),
    label: "Found: API key in ~/.qwencloud/config.json",
  },
  command: {
    file: "tokenFile",
    content: formatStoredCredential(keyCredential({ apiKey: PLAN_KEY })),
    label: "Found: API key of the qwen-auth command",
  },
} as const satisfies Record<string, { file: keyof Settings; content: string; label: string }>

async function setUp(source: keyof typeof KEY_FILES, options: FakePlatformOptions) {
  const plugin = signInSetUp(await temporaryFolder(), { autoAdvance: false, ...options })
  const { file, content, label } = KEY_FILES[source]
  await leaveFile(plugin.settings[file], content)
  const methods = signInMethods(plugin.methods)
  const method = methods.find((each) => each.label === label)
  if (method?.type !== "oauth") throw new Error("expected a method of ours")
  return { ...plugin, path: plugin.settings[file], methods, choose: () => authorized(method.authorize({})) }
}

describe("a key that was found on this computer", () => {
  it.each([
    ["opencode", endpointOf(CODING_PLAN, 1), PLAN_KEY],
    ["bailian", parseApiEndpoint("ws-1.eu-central-1.maas.aliyuncs.com"), KEY],
    ["qwencloud", endpointOf(PAY_AS_YOU_GO, 2), KEY],
    ["command", endpointOf(CODING_PLAN), PLAN_KEY],
  ] as const)("is copied when it is chosen, and its file is left as it is: %s", async (source, endpoint, apiKey) => {
    const { choose, path, platform } = await setUp(source, { rest: endpointReplies([endpoint, accepting("a-model")]) })
    expect(platform.requests).toEqual([])
    const { instructions, callback } = await choose()
    expect(instructions).toMatch(/^The key works: /)
    expect(await callback()).toEqual({
      type: "success",
      key: apiKey,
      metadata: { qwenAuth: "resolved", ...endpoint },
    })
    expect(await readFile(path, "utf8")).toBe(KEY_FILES[source].content)
  })

  it("is checked at the endpoint in its file, and elsewhere if it does not belong there", async () => {
    const right = endpointOf(TOKEN_PLAN)
    const { choose } = await setUp("opencode", { rest: endpointReplies([right, accepting()]) })
    expect(await (await choose()).callback()).toMatchObject({ metadata: { qwenAuth: "resolved", ...right } })
  })

  it("that was removed meanwhile is reported", async () => {
    const { choose, path, platform } = await setUp("bailian", { rest: rejected })
    await leaveFile(path, "{}")
    expect(await messageOf(choose())).toBe("The sign-in is no longer on this computer. Choose another way to sign in.")
    expect(platform.requests).toEqual([])
  })

  it.each(["opencode", "bailian", "qwencloud", "command"] as const)(
    "appears in no label, log or message: %s",
    async (source) => {
      for (const rest of [rejected, networkError(), endpointReplies()]) {
        const { choose, methods, platform, shown } = await setUp(source, { rest })
        const outcome = await choose().then(
          ({ instructions, url }) => [instructions, url],
          (error: unknown) => error,
        )
        expect(inspect([methods, outcome, platform.logged, shown], { depth: 10, showHidden: true })).not.toContain(
          SECRET,
        )
      }
    },
  )
})
