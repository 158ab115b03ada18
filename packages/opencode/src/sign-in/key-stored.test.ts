import { readdir, readFile } from "node:fs/promises"
import { CODING_PLAN, type LocatedKey } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import { siteOf } from "../../../core/src/testing/key-places.ts"
import { credential } from "../../../core/src/testing/samples.ts"
import { temporaryFolders } from "../../../core/src/testing/temporary-folder.ts"
import { leaveFile, leaveSignIn, qwenCodeFileIn, signInSetUp } from "../testing/sign-in-set-up.ts"
import { keyStored } from "./key-stored.ts"

const temporaryFolder = temporaryFolders()

const SITE = siteOf(CODING_PLAN)
const FOUND: LocatedKey = {
  credential: { type: "api_key", apiKey: "sk-sp-12345678", ...SITE },
  models: ["a-model"],
  checked: true,
}

describe("a key that takes the account's place", () => {
  it("brings its models", async () => {
    const { signIn, lists } = signInSetUp(await temporaryFolder())
    await keyStored(signIn, FOUND)
    expect(lists.held.get(SITE.baseUrl)).toEqual(["a-model"])
  })

  it("brings none while its place is not known", async () => {
    const { signIn, lists } = signInSetUp(await temporaryFolder())
    await keyStored(signIn, undefined)
    expect(lists.held.size).toBe(0)
  })

  it.each([FOUND, undefined])("leaves nothing of the stored account", async (found) => {
    const { signIn, settings } = signInSetUp(await temporaryFolder())
    await leaveSignIn(settings.tokenFile, credential())
    await keyStored(signIn, found)
    await expect(readFile(settings.tokenFile)).rejects.toThrow("ENOENT")
  })

  it("makes no folder where no account was ever stored", async () => {
    const home = await temporaryFolder()
    await keyStored(signInSetUp(home).signIn, FOUND)
    expect(await readdir(home)).toEqual([])
  })

  it("never touches Qwen Code's, shared or not", async () => {
    for (const options of [{}, { credentials: "qwen-code" }]) {
      const home = await temporaryFolder()
      const { signIn } = signInSetUp(home, { options })
      await leaveSignIn(qwenCodeFileIn(home), credential())
      await keyStored(signIn, FOUND)
      expect(await readFile(qwenCodeFileIn(home), "utf8")).toContain("access-1")
    }
  })

  it("leaves the plugin's own file alone too while Qwen Code's is shared", async () => {
    const { signIn, settings } = signInSetUp(await temporaryFolder())
    await leaveFile(settings.authConfigFile, '{"credentials":"qwen-code"}')
    await leaveSignIn(settings.tokenFile, credential())
    await keyStored(signIn, FOUND)
    expect(await readFile(settings.tokenFile, "utf8")).toContain("access-1")
  })
})
