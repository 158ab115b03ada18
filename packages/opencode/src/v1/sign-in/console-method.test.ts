import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { expect, it } from "vitest"
import { CONSOLE_KEY_COST } from "../../shared/sign-in-texts.ts"
import { choicesOf, promptOf } from "../testing/authorized.ts"
import { signInSetUp } from "../testing/sign-in-set-up.ts"
import { consoleMethod } from "./console-method.ts"

const temporaryFolder = temporaryFolders()

it("asks which console to use and says what its key costs before the browser opens", async () => {
  const method = consoleMethod(signInSetUp(await temporaryFolder()).methods)
  expect(choicesOf(method, "site")).toEqual({ international: "International", china: "China" })
  expect(CONSOLE_KEY_COST).toBe("requests are paid as you go and can cost money")
  expect(promptOf(method, "site").message).toContain(CONSOLE_KEY_COST)
})
