import { rm } from "node:fs/promises"
import { expect, it } from "vitest"
import { credential } from "../../../core/src/testing/samples.ts"
import { temporaryFolders } from "../../../core/src/testing/temporary-folder.ts"
import { leaveSignIn, qwenCodeFileIn, signInSetUp } from "../testing/sign-in-set-up.ts"
import { signInMethods } from "./methods.ts"

const temporaryFolder = temporaryFolders()

const ALWAYS = ["Qwen Account (OAuth)", "Model Studio account (browser)", "Model Studio API key"]

it("are named as the README names them, the Qwen account first", async () => {
  const methods = signInMethods(signInSetUp(await temporaryFolder()).signIn)
  expect(methods.map(({ label }) => label)).toEqual(ALWAYS)
})

it("are all of the kind that the plugin conducts: OpenCode's own for keys cannot check one", async () => {
  const home = await temporaryFolder()
  await leaveSignIn(qwenCodeFileIn(home), credential())
  const types = signInMethods(signInSetUp(home).signIn).map(({ type }) => type)
  expect(types).toEqual(["oauth", "oauth", "oauth", "oauth"])
})

it("begin nothing by being listed", async () => {
  const { signIn, world, calls } = signInSetUp(await temporaryFolder())
  signInMethods(signIn)
  expect([world.requests, calls]).toEqual([[], []])
})

it("end with those that start from what is on the computer at the moment", async () => {
  const home = await temporaryFolder()
  const { signIn, settings } = signInSetUp(home)
  const labels = () => signInMethods(signIn).map(({ label }) => label)
  await leaveSignIn(settings.tokenFile, credential())
  await leaveSignIn(qwenCodeFileIn(home), credential())
  expect(labels()).toEqual([...ALWAYS, "Qwen Account already on this computer", "Qwen Code's sign-in (shared)"])
  await rm(settings.tokenFile)
  expect(labels()).toEqual([...ALWAYS, "Qwen Code's sign-in (shared)"])
})
