import { readdir, readFile } from "node:fs/promises"
import { CODING_PLAN, type ResolvedKey } from "qwen-auth-core/internal"
import { endpointOf } from "qwen-auth-testing/key-endpoints"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { leaveFile, leaveSignIn, qwenCodeFileIn, signInSetUp } from "../testing/sign-in-set-up.ts"
import { prepareForKey } from "./prepare-for-key.ts"

const temporaryFolder = temporaryFolders()

const SITE = endpointOf(CODING_PLAN)
const FOUND: ResolvedKey = {
  credential: { type: "api_key", apiKey: "sk-sp-12345678", ...SITE },
  models: ["a-model"],
  checked: true,
}

describe("a key that replaces the account", () => {
  it("has its model list cached", async () => {
    const { signIn, lists } = signInSetUp(await temporaryFolder())
    await prepareForKey(signIn, FOUND)
    expect(lists.entries.get(SITE.baseUrl)).toEqual(["a-model"])
  })

  it("has no model list cached while its endpoint is unknown", async () => {
    const { signIn, lists } = signInSetUp(await temporaryFolder())
    await prepareForKey(signIn, undefined)
    expect(lists.entries.size).toBe(0)
  })

  it.each([FOUND, undefined])("removes the stored account", async (found) => {
    const { signIn, settings } = signInSetUp(await temporaryFolder())
    await leaveSignIn(settings.tokenFile, credential())
    await prepareForKey(signIn, found)
    await expect(readFile(settings.tokenFile)).rejects.toThrow("ENOENT")
  })

  it("creates no folder when no account was ever stored", async () => {
    const home = await temporaryFolder()
    await prepareForKey(signInSetUp(home).signIn, FOUND)
    expect(await readdir(home)).toEqual([])
  })

  it("never changes Qwen Code's file, shared or not", async () => {
    for (const options of [{}, { credentials: "qwen-code" }]) {
      const home = await temporaryFolder()
      const { signIn } = signInSetUp(home, { options })
      await leaveSignIn(qwenCodeFileIn(home), credential())
      await prepareForKey(signIn, FOUND)
      expect(await readFile(qwenCodeFileIn(home), "utf8")).toContain("access-1")
    }
  })

  it("does not change the plugin's own file while Qwen Code's is shared", async () => {
    const { signIn, settings } = signInSetUp(await temporaryFolder())
    await leaveFile(settings.authConfigFile, '{"credentials":"qwen-code"}')
    await leaveSignIn(settings.tokenFile, credential())
    await prepareForKey(signIn, FOUND)
    expect(await readFile(settings.tokenFile, "utf8")).toContain("access-1")
  })
})
