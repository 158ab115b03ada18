import { rm } from "node:fs/promises"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { CONSOLE_KEY_COST } from "../../shared/sign-in-texts.ts"
import { authorized, choicesOf, promptOf } from "../testing/authorized.ts"
import { messageOf } from "../testing/message-of.ts"
import { leaveSignIn, qwenCodeFileIn, signInSetUp } from "../testing/sign-in-set-up.ts"
import { consoleMethod, signInMethods } from "./methods.ts"

const temporaryFolder = temporaryFolders()

const ALWAYS = ["Qwen Account (OAuth)", "Model Studio account (browser)", "Model Studio API key"]
const OWN = "Qwen Account already on this computer"
const QWEN_CODE = "Qwen Code's sign-in (shared)"

it("have the labels of the README, the Qwen account first", async () => {
  const methods = signInMethods(signInSetUp(await temporaryFolder()).methods)
  expect(methods.map(({ label }) => label)).toEqual(ALWAYS)
})

it("all have the type oauth, because OpenCode's own key method cannot check a key", async () => {
  const home = await temporaryFolder()
  await leaveSignIn(qwenCodeFileIn(home), credential())
  const types = signInMethods(signInSetUp(home).methods).map(({ type }) => type)
  expect(types).toEqual(["oauth", "oauth", "oauth", "oauth"])
})

it("start nothing when they are listed", async () => {
  const { methods, platform, calls } = signInSetUp(await temporaryFolder())
  signInMethods(methods)
  expect([platform.requests, calls]).toEqual([[], []])
})

it("end with those that use a sign-in already on the computer", async () => {
  const home = await temporaryFolder()
  const { methods, settings } = signInSetUp(home)
  const labels = () => signInMethods(methods).map(({ label }) => label)
  expect(labels()).toEqual(ALWAYS)
  await leaveSignIn(settings.tokenFile, credential())
  await leaveSignIn(qwenCodeFileIn(home), credential())
  expect(labels()).toEqual([...ALWAYS, OWN, QWEN_CODE])
})

it("ask which console to use and say what its key costs before the browser opens", async () => {
  const method = consoleMethod(signInSetUp(await temporaryFolder()).methods)
  expect(choicesOf(method, "site")).toEqual({ international: "International", china: "China" })
  expect(CONSOLE_KEY_COST).toBe("requests are paid as you go and can cost money")
  expect(promptOf(method, "site").message).toContain(CONSOLE_KEY_COST)
})

describe("the index of a chosen method", () => {
  const QWEN_CODES = credential({ accessToken: "access-of-qwen-code", refreshToken: "refresh-of-qwen-code" })

  async function listed() {
    const home = await temporaryFolder()
    await leaveSignIn(qwenCodeFileIn(home), QWEN_CODES)
    const plugin = signInSetUp(home)
    const index = signInMethods(plugin.methods).findIndex(({ label }) => label === QWEN_CODE)
    return { ...plugin, home, index }
  }

  /** Authorizes the method with an index, as OpenCode does. */
  async function authorize(index: number, { methods }: Pick<ReturnType<typeof signInSetUp>, "methods">) {
    const method = signInMethods(methods)[index]
    if (method?.type !== "oauth") throw new Error("expected a method of ours")
    return authorized(method.authorize({}))
  }

  it("leads to the same account when another sign-in appears between list and choice", async () => {
    const { settings, methods, index } = await listed()
    await leaveSignIn(settings.tokenFile, credential())
    const { callback } = await authorize(index, { methods })
    expect(await callback()).toMatchObject({ access: "access-of-qwen-code" })
  })

  it("leads to the same account when OpenCode reloads the plugin", async () => {
    const { settings, index, home } = await listed()
    await leaveSignIn(settings.tokenFile, credential())
    const { callback } = await authorize(index, signInSetUp(home))
    expect(await callback()).toMatchObject({ access: "access-of-qwen-code" })
  })

  it("leads to no account when the chosen sign-in was removed, even if another exists", async () => {
    const { settings, methods, index, home } = await listed()
    await rm(qwenCodeFileIn(home))
    await leaveSignIn(settings.tokenFile, credential())
    expect(await messageOf(authorize(index, { methods }))).toBe(
      "The sign-in is no longer on this computer. Choose another way to sign in.",
    )
  })
})
