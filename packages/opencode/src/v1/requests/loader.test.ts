import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { accountEntry, keyEntry } from "../host/host-record.ts"
import { requestLoader } from "./loader.ts"

const silent = fakePlatform().log
const kindOnly = (kind: string) => ({ kind })
const KEY = keyEntry({
  apiKey: "sk-sp-12345678",
  plan: "coding-plan",
  region: "china",
  baseUrl: "https://coding.dashscope.aliyuncs.com/v1",
})

describe("the options for OpenCode's SDK", () => {
  it.each([
    ["account", { type: "oauth", ...accountEntry(credential()) }],
    ["key", { type: "api", ...KEY }],
    ["other", { type: "api", key: "sk-1" }],
    ["other", { type: "oauth", access: "a" }],
    ["none", undefined],
  ])("are those of a sign-in of the kind %s", async (kind, entry) => {
    expect(await requestLoader(async () => entry, silent, kindOnly)).toEqual({ kind })
  })

  it("are empty when the record cannot be read, and that is logged", async () => {
    const { log, logged } = fakePlatform()
    expect(await requestLoader(() => Promise.reject(new Error("broken")), log, kindOnly)).toEqual({})
    expect(logged.map(({ level }) => level)).toEqual(["error"])
  })

  it("are empty when the record's reader throws", async () => {
    const reader = () => {
      throw new Error("broken")
    }
    expect(await requestLoader(reader, silent, kindOnly)).toEqual({})
  })
})
