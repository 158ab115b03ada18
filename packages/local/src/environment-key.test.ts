import { QwenAuthError, type QwenAuthErrorCode } from "qwen-auth-core"
import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { describe, expect, it } from "vitest"
import { environmentKey as keyIn } from "./environment-key.ts"

const CODING = "BAILIAN_CODING_PLAN_API_KEY"
const TOKEN = "BAILIAN_TOKEN_PLAN_API_KEY"
const environmentKey = (environment: Record<string, string | undefined>) => keyIn(environment, fakePlatform().log)
const REMEDY = "Correct the variable, or remove it and sign in."

describe("the key in the environment", () => {
  it.each<[string, Record<string, string | undefined>]>([
    ["nothing is set", {}],
    ["all variables are empty", { [CODING]: "", [TOKEN]: " \t\n" }],
    ["only a variable's name was pasted", { [CODING]: `export ${CODING}=` }],
    ["only OpenCode's own key is set", { DASHSCOPE_API_KEY: "sk-12345678" }],
    ["only a variable of other programs is set", { QWEN_API_KEY: "sk-12345678" }],
  ])("is undefined when %s", (_, environment) => {
    expect(environmentKey(environment)).toBeUndefined()
  })

  it.each([
    [CODING, "coding-plan"],
    [TOKEN, "token-plan"],
    ["ALIBABA_CODING_PLAN_API_KEY", "coding-plan"],
    ["ALIBABA_TOKEN_PLAN_API_KEY", "token-plan"],
  ])("of %s belongs to the %s and has no endpoint yet", async (variable, plan) => {
    const found = environmentKey({ [variable]: "sk-sp-12345678" })
    expect(found?.plan).toBe(plan)
    expect(await found?.stored()).toEqual({ apiKey: "sk-sp-12345678", hint: { plan } })
  })

  it("of QWENCLOUD_API_KEY has no plan, so that it is detected", async () => {
    const found = environmentKey({ QWENCLOUD_API_KEY: "sk-12345678" })
    expect(found?.plan).toBeUndefined()
    expect(await found?.stored()).toEqual({ apiKey: "sk-12345678", hint: {} })
  })

  it("is that of the first variable in the documented order", async () => {
    const order = [CODING, "ALIBABA_CODING_PLAN_API_KEY", TOKEN, "ALIBABA_TOKEN_PLAN_API_KEY", "QWENCLOUD_API_KEY"]
    for (let first = 0; first < order.length; first++) {
      const set = order.slice(first).map((variable, index) => [variable, `sk-sp-1234567${first + index}`])
      const found = environmentKey(Object.fromEntries(set.reverse()))
      expect(await found?.stored()).toMatchObject({ apiKey: `sk-sp-1234567${first}` })
    }
  })

  it("causes one warning with the names alone if it conflicts with others", async () => {
    const { log, logged } = fakePlatform()
    const found = keyIn(
      {
        [CODING]: "sk-sp-the-used-one",
        ALIBABA_CODING_PLAN_API_KEY: " sk-sp-the-used-one ",
        [TOKEN]: "sk-sp-another-one",
        QWENCLOUD_API_KEY: "sk-one-more-key",
      },
      log,
    )
    expect(logged).toEqual([])
    await found?.stored()
    await found?.stored()
    const message = `The API key in ${CODING} is used, not the other one in ${TOKEN}, QWENCLOUD_API_KEY.`
    expect(logged).toEqual([{ level: "warn", message, fields: undefined }])
  })

  it("causes no warning if it is the same in all variables", async () => {
    const { log, logged } = fakePlatform()
    const same = "sk-sp-12345678"
    await keyIn({ [CODING]: same, ALIBABA_CODING_PLAN_API_KEY: `"${same}"`, QWENCLOUD_API_KEY: same }, log)?.stored()
    expect(logged).toEqual([])
  })

  it("is the Coding Plan's when both are set", async () => {
    const found = environmentKey({ [TOKEN]: "sk-sp-of-token", [CODING]: "sk-sp-of-coding" })
    expect(await found?.stored()).toMatchObject({ apiKey: "sk-sp-of-coding", hint: { plan: "coding-plan" } })
  })

  it("is the Token Plan's when the Coding Plan's is empty", () => {
    expect(environmentKey({ [CODING]: " ", [TOKEN]: "sk-sp-12345678" })?.plan).toBe("token-plan")
  })

  it.each([" sk-sp-12345678\n", '"sk-sp-12345678"', "Bearer sk-sp-12345678", `${CODING}='sk-sp-12345678'`])(
    "is extracted from surrounding text: %j",
    async (value) => {
      expect(await environmentKey({ [CODING]: value })?.stored()).toMatchObject({ apiKey: "sk-sp-12345678" })
    },
  )

  it("may have the form of another plan, because the service decides", async () => {
    expect(await environmentKey({ [CODING]: "sk-12345678" })?.stored()).toMatchObject({ apiKey: "sk-12345678" })
  })

  it.each(["my secret key", "sk-sp-kurz", "sk-sp-geheim-schlüssel", "a".repeat(600)])(
    "causes an error with the variable's name and without the key when it is malformed: %j",
    async (value) => {
      const found = environmentKey({ [TOKEN]: value })
      if (found === undefined) throw new Error("expected a key")
      const error = await failureOf(found.stored())
      expect(error.code).toBe("api_key_malformed")
      expect(error.message).toBe(`${TOKEN}: This is not a valid Model Studio API key.`)
      expect(error.remedy).toMatch(/^A key begins with sk-sp- .* Correct the variable, or remove it and sign in\.$/)
      expect(`${error.sentence} ${error.stack}`).not.toContain(value)
      expect(error.cause).toBeUndefined()
    },
  )
})

it("is refused with what to copy if the console's page hides a part of it", async () => {
  const found = environmentKey({ [CODING]: "o1_c2stc3AtMTIzNDU2Nzg=" })
  const error = await failureOf(Promise.resolve(found?.stored()))
  expect(error.sentence).toMatch(/^BAILIAN_CODING_PLAN_API_KEY: This is how the console's page hides a key/)
  expect(error.remedy).toMatch(/^Use the copy button beside the key: https:.* Correct the variable/)
})

describe("an error about a request with the key in the environment", () => {
  const described = (error: unknown) => environmentKey({ [TOKEN]: "sk-sp-12345678" })?.describeError(error)

  it.each<QwenAuthErrorCode>(["api_key_wrong_plan", "api_key_rejected"])(
    "names the variable and does not suggest a sign-in: %s",
    (code) => {
      const shown = described(new QwenAuthError(code, "This key is no good.", { remedy: "Sign in again." }))
      expect(shown).toBeInstanceOf(QwenAuthError)
      expect(shown).toMatchObject({ message: `${TOKEN}: This key is no good.`, remedy: REMEDY })
    },
  )

  it("names the variable and the choice at a sign-in when the endpoint cannot be detected", () => {
    const shown = described(new QwenAuthError("api_key_undetermined", "It cannot be detected.", { remedy: "Sign in." }))
    expect(shown).toMatchObject({
      code: "api_key_undetermined",
      message: `${TOKEN}: It cannot be detected.`,
      remedy: "Remove the variable and sign in with the key instead, choosing its plan and region.",
    })
  })

  it.each([
    new QwenAuthError("service_unreachable", "Nobody answers.", { remedy: "Wait." }),
    new Error("auth.json is broken"),
    undefined,
  ])("is unchanged when it is not about the key: %s", (error) => {
    expect(described(error)).toBe(error)
  })
})
