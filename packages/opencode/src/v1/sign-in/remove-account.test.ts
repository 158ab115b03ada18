import { readdir, readFile } from "node:fs/promises"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { leaveFile, leaveSignIn, qwenCodeFileIn, signInSetUp } from "../testing/sign-in-set-up.ts"
import { removeAccount } from "./remove-account.ts"

const temporaryFolder = temporaryFolders()

describe("the account that a key replaces", () => {
  it("is removed from the plugin's file", async () => {
    const { signIn, settings } = signInSetUp(await temporaryFolder())
    await leaveSignIn(settings.tokenFile, credential())
    await removeAccount(signIn)
    await expect(readFile(settings.tokenFile)).rejects.toThrow("ENOENT")
  })

  it("leaves no folder behind when none was ever stored", async () => {
    const home = await temporaryFolder()
    await removeAccount(signInSetUp(home).signIn)
    expect(await readdir(home)).toEqual([])
  })

  it("stays in Qwen Code's file, shared or not", async () => {
    for (const options of [{}, { credentials: "qwen-code" }]) {
      const home = await temporaryFolder()
      const { signIn } = signInSetUp(home, { options })
      await leaveSignIn(qwenCodeFileIn(home), credential())
      await removeAccount(signIn)
      expect(await readFile(qwenCodeFileIn(home), "utf8")).toContain("access-1")
    }
  })

  it("stays in the plugin's own file while Qwen Code's is shared", async () => {
    const { signIn, settings } = signInSetUp(await temporaryFolder())
    await leaveFile(settings.authConfigFile, '{"credentials":"qwen-code"}')
    await leaveSignIn(settings.tokenFile, credential())
    await removeAccount(signIn)
    expect(await readFile(settings.tokenFile, "utf8")).toContain("access-1")
  })
})
