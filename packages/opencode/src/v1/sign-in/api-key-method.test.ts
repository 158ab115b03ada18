import { PLANS } from "qwen-auth-core/internal"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { choicesOf, promptOf, validated } from "../testing/authorized.ts"
import { signInSetUp } from "../testing/sign-in-set-up.ts"
import { apiKeyMethod, ENDPOINTS } from "./api-key-method.ts"

const temporaryFolder = temporaryFolders()

const method = async () => apiKeyMethod(signInSetUp(await temporaryFolder()).methods)

describe("the prompts for an API key", () => {
  it("are the key, its endpoint, and the host if a workspace is chosen", async () => {
    const prompts = (await method()).prompts ?? []
    expect(prompts.map(({ type, key }) => `${type} ${key}`)).toEqual(["text key", "select endpoint", "text host"])
    expect(prompts.map(({ when }) => when)).toEqual([
      undefined,
      undefined,
      { key: "endpoint", op: "eq", value: "workspace" },
    ])
  })

  it("warn that the key is visible", async () => {
    expect(promptOf(await method(), "key").message).toContain("shown while you type")
  })

  it("offer detection first, then each endpoint by its label, then a workspace's host", async () => {
    expect(Object.entries(choicesOf(await method(), "endpoint"))).toEqual(
      expect.arrayContaining([
        ["detect", "Detect automatically"],
        ["0", "Coding Plan (international)"],
        ["1", "Coding Plan (China)"],
        ["2", "Token Plan (international)"],
        ["3", "Token Plan (China)"],
        ["4", "Pay as you go (international)"],
        ["5", "Pay as you go (China)"],
        ["6", "Pay as you go (US)"],
        ["7", "Pay as you go (Hong Kong)"],
        ["workspace", "The API address that the console shows"],
      ]),
    )
    const prompt = promptOf(await method(), "endpoint")
    if (prompt.type !== "select") throw new Error("expected a selection")
    expect(prompt.options).toHaveLength(ENDPOINTS.length + 2)
    expect(prompt.options[0]?.value).toBe("detect")
    expect(prompt.options.at(-1)?.value).toBe("workspace")
  })

  it("offer every endpoint of the catalogue", () => {
    expect(ENDPOINTS).toEqual(PLANS.flatMap(({ endpoints }) => endpoints))
  })
})

describe("the input", () => {
  it.each(["sk-sp-12345678", "sk-ws-12345678", "sk-12345678", ' "sk-12345678" ', "DASHSCOPE_API_KEY=sk-12345678"])(
    "is accepted when it is a key: %j",
    async (typed) => {
      expect(validated(await method(), "key", typed)).toBeUndefined()
    },
  )

  it("is explained when it is the obfuscated form of a key", async () => {
    const message = validated(await method(), "key", " o1_0123456789abcdef ") ?? ""
    expect(message).toMatch(/hides a key \(o1_…\), not the key\. Use the copy button beside the key: https:/)
    expect(message).not.toContain("0123456789")
  })

  it.each(["", " ", "my-secret", "sk-secret key", "pk-secretsecret", "sk-geheim-schlüssel"])(
    "is explained and not repeated when it is not a key: %j",
    async (typed) => {
      const message = validated(await method(), "key", typed) ?? ""
      expect(message).toMatch(/^(There is no API key|This is not a valid Model Studio API key)\. A key begins with /)
      expect(message).not.toMatch(/secret|geheim/)
    },
  )

  it.each([
    "ws-1.ap-southeast-1.maas.aliyuncs.com",
    "https://ws-1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
    " ws-1.us-east-1.maas.aliyuncs.com/ ",
    "maas.qwencloudapi.com",
    "https://token-plan.maas.qianwenaiapi.com/apps/anthropic",
    '"https://trial.cn-hongkong.maas.aliyuncs.com/compatible-mode/v1"',
  ])("is accepted when it is an API address: %j", async (typed) => {
    expect(validated(await method(), "host", typed)).toBeUndefined()
  })

  it.each([
    "",
    "evil.test",
    "https://evil.test/maas.aliyuncs.com",
    "http://ws-1.cn-beijing.maas.aliyuncs.com",
    "xmaas.qwencloudapi.com",
  ])("is explained when a key must not be sent there: %j", async (typed) => {
    expect(validated(await method(), "host", typed)).toMatch(/is not a Model Studio API address\. Copy the API host/)
  })
})
