import { rm } from "node:fs/promises"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { authorized } from "../testing/authorized.ts"
import { messageOf } from "../testing/message-of.ts"
import { leaveSignIn, qwenCodeFileIn, signInSetUp } from "../testing/sign-in-set-up.ts"
import { signInMethods } from "./methods.ts"

const temporaryFolder = temporaryFolders()

const ALWAYS = ["Qwen Account (OAuth)", "Model Studio account (browser)", "Model Studio API key"]
const OWN = "Qwen Account already on this computer"
const QWEN_CODE = "Qwen Code's sign-in (shared)"

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
  const { signIn, platform, calls } = signInSetUp(await temporaryFolder())
  signInMethods(signIn)
  expect([platform.requests, calls]).toEqual([[], []])
})

it("end with those that start from what is on the computer at the moment", async () => {
  const home = await temporaryFolder()
  const { signIn, settings } = signInSetUp(home)
  const labels = () => signInMethods(signIn).map(({ label }) => label)
  expect(labels()).toEqual(ALWAYS)
  await leaveSignIn(settings.tokenFile, credential())
  await leaveSignIn(qwenCodeFileIn(home), credential())
  expect(labels()).toEqual([...ALWAYS, OWN, QWEN_CODE])
})

describe("the index by which OpenCode names a chosen method", () => {
  const QWEN_CODES = credential({ accessToken: "access-of-qwen-code", refreshToken: "refresh-of-qwen-code" })

  async function listed() {
    const home = await temporaryFolder()
    await leaveSignIn(qwenCodeFileIn(home), QWEN_CODES)
    const made = signInSetUp(home)
    const index = signInMethods(made.signIn).findIndex(({ label }) => label === QWEN_CODE)
    return { ...made, home, index }
  }

  /** What OpenCode gets when it authorizes by an index. */
  async function authorize(index: number, { signIn }: Pick<ReturnType<typeof signInSetUp>, "signIn">) {
    const method = signInMethods(signIn)[index]
    if (method?.type !== "oauth") throw new Error("expected a method of ours")
    return authorized(method.authorize({}))
  }

  it("leads to the same account when another sign-in appears between list and choice", async () => {
    const { settings, signIn, index } = await listed()
    await leaveSignIn(settings.tokenFile, credential())
    const { callback } = await authorize(index, { signIn })
    expect(await callback()).toMatchObject({ access: "access-of-qwen-code" })
  })

  it("leads to the same account when OpenCode loads the plugin anew too", async () => {
    const { settings, index, home } = await listed()
    await leaveSignIn(settings.tokenFile, credential())
    const { callback } = await authorize(index, signInSetUp(home))
    expect(await callback()).toMatchObject({ access: "access-of-qwen-code" })
  })

  it("leads to no account when the chosen sign-in has gone, whatever else is there", async () => {
    const { settings, signIn, index, home } = await listed()
    await rm(qwenCodeFileIn(home))
    await leaveSignIn(settings.tokenFile, credential())
    expect(await messageOf(authorize(index, { signIn }))).toBe(
      "The sign-in is no longer on this computer. Choose another way to sign in.",
    )
  })
})
