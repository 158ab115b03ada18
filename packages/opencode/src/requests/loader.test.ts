import { describe, expect, it } from "vitest"
import { fakeWorld } from "../../core/src/testing/fake-world.ts"
import { credential } from "../../core/src/testing/samples.ts"
import { hostEntry } from "./host-entry.ts"
import { requestLoader } from "./loader.ts"

const qwenFetch = async () => new Response()
const silent = fakeWorld().log

describe("what OpenCode gives its SDK", () => {
  it("is our fetch, and no key of its own, for a Qwen account", async () => {
    const options = await requestLoader(async () => ({ type: "oauth", ...hostEntry(credential()) }), qwenFetch, silent)
    expect(options).toEqual({ apiKey: "", baseURL: "https://portal.qwen.ai/v1", fetch: qwenFetch })
  })

  it.each([
    ["an API key", { type: "api", key: "sk-1" }],
    ["nothing", undefined],
    ["null", null],
    ["half a record", { type: "oauth", access: "a" }],
  ])("is left as it was for %s", async (_, entry) => {
    expect(await requestLoader(async () => entry, qwenFetch, silent)).toEqual({})
  })

  it("is left as it was when the record cannot be read, and that is logged", async () => {
    const { log, logged } = fakeWorld()
    expect(await requestLoader(() => Promise.reject(new Error("broken")), qwenFetch, log)).toEqual({})
    expect(logged.map(({ level }) => level)).toEqual(["error"])
  })

  it("is left as it was when the record's reader throws", async () => {
    const reader = () => {
      throw new Error("broken")
    }
    expect(await requestLoader(reader, qwenFetch, silent)).toEqual({})
  })
})
