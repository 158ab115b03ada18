import { expect } from "vitest"
import { runOpenCode, SIGN_IN } from "./opencode.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** Runs `opencode auth login`, which must end by itself with an error and without a stack trace. Returns its output. */
export async function failedSignIn(home: ThrowawayHome): Promise<string> {
  const { output, code } = await runOpenCode(home, SIGN_IN)
  expect(output).not.toMatch(/^\s+at /m)
  expect(code).toBe(1)
  return output
}
