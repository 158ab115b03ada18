import { expect, test } from "vitest"
import { newUserCode, normalUserCode } from "./user-code.ts"

test("a code is found in any case and punctuation", () => {
  const code = newUserCode()
  const plain = code.replace("-", "")
  for (const typed of [code, plain, code.toLowerCase(), ` ${plain.slice(0, 4)} ${plain.slice(4)} `]) {
    expect(normalUserCode(typed)).toBe(code)
  }
})
