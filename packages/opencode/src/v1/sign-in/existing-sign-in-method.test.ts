import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { formatStoredCredential } from "qwen-auth-core/internal"
import { START } from "qwen-auth-testing/fake-platform"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { leaveFile, leaveSignIn, qwenCodeFileIn, signInSetUp } from "../testing/sign-in-set-up.ts"
import { existingSignInMethods } from "./existing-sign-in-method.ts"

const temporaryFolder = temporaryFolders()

const OWN = "Qwen Account already on this computer"
const QWEN_CODE = "Qwen Code's sign-in (shared)"

interface SetUp {
  readonly own?: string
  readonly qwenCode?: string
  readonly options?: Readonly<Record<string, unknown>>
}

async function labelsOf({ own, qwenCode, options = {} }: SetUp) {
  const home = await temporaryFolder()
  const { methods, settings } = signInSetUp(home, { options })
  if (own !== undefined) await leaveFile(settings.tokenFile, own)
  if (qwenCode !== undefined) await leaveFile(qwenCodeFileIn(home), qwenCode)
  return existingSignInMethods(methods).map(({ label }) => label)
}

const SIGN_IN = formatStoredCredential(credential())

describe("the sign-ins found on this computer", () => {
  it.each<[string, SetUp, string[]]>([
    ["none", {}, []],
    ["the plugin's own", { own: SIGN_IN }, [OWN]],
    ["Qwen Code's", { qwenCode: SIGN_IN }, [QWEN_CODE]],
    ["both, the plugin's own first", { own: SIGN_IN, qwenCode: SIGN_IN }, [OWN, QWEN_CODE]],
    [
      "the plugin's own only, when the option chooses it",
      { own: SIGN_IN, qwenCode: SIGN_IN, options: { credentials: "own" } },
      [OWN],
    ],
    [
      "Qwen Code's only, when the option chooses it",
      { own: SIGN_IN, qwenCode: SIGN_IN, options: { credentials: "qwen-code" } },
      [QWEN_CODE],
    ],
    [
      "none, when the option is invalid, because it takes precedence over the stored choice",
      { own: SIGN_IN, qwenCode: SIGN_IN, options: { credentials: "qwencode" } },
      [],
    ],
  ])("are %s", async (_, setting, labels) => {
    expect(await labelsOf(setting)).toEqual(labels)
  })

  it("include files written by editors on Windows", async () => {
    expect(await labelsOf({ own: `\uFEFF${SIGN_IN}`, qwenCode: SIGN_IN.replaceAll("\n", "\r\n") })).toEqual([
      OWN,
      QWEN_CODE,
    ])
  })

  it("include sign-ins with an expired token, which is refreshed", async () => {
    expect(await labelsOf({ own: formatStoredCredential(credential({ expiresAt: START - 1 })) })).toEqual([OWN])
  })

  it.each(["", "{", "{}", "null", '{"access_token":"a"}', SIGN_IN.replace("{", '{"version":2,')])(
    "are none when the file is unusable: %j",
    async (content) => {
      expect(await labelsOf({ own: content, qwenCode: content })).toEqual([])
    },
  )

  it("are none when the path is not a file", async () => {
    const home = await temporaryFolder()
    const { methods, settings } = signInSetUp(home)
    await mkdir(settings.tokenFile, { recursive: true })
    await writeFile(dirname(qwenCodeFileIn(home)), "a file where the folder should be")
    expect(existingSignInMethods(methods)).toEqual([])
  })

  it("are read from the folder in QWEN_HOME", async () => {
    const home = await temporaryFolder()
    const { methods, settings } = signInSetUp(home)
    const elsewhere = join(home, "elsewhere")
    await leaveSignIn(join(elsewhere, "oauth_creds.json"), credential())
    const moved = { ...methods, paths: { ...settings, qwenCodeFolder: elsewhere } }
    expect(existingSignInMethods(moved).map(({ label }) => label)).toEqual([QWEN_CODE])
  })
})
