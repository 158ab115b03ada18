import type { AuthOAuthResult } from "@opencode-ai/plugin"
import type { SignInMethod } from "../sign-in/method.ts"

/** Returns the started sign-in in the form that OpenCode uses: it shows the URL and instructions, then calls back. */
export async function authorized(begun: Promise<AuthOAuthResult>) {
  const result = await begun
  if (result.method !== "auto") throw new Error("expected a sign-in that waits by itself")
  return result
}

/** Returns one of a method's prompts. */
export function promptOf(method: SignInMethod, key: string) {
  const prompt = method.prompts?.find((each) => each.key === key)
  if (prompt === undefined) throw new Error(`the method asks for no ${key}`)
  return prompt
}

/** Returns the validation message of a text prompt for the input; undefined if the input is valid. */
export function validated(method: SignInMethod, key: string, typed: string): string | undefined {
  const prompt = promptOf(method, key)
  if (prompt.type !== "text" || prompt.validate === undefined) throw new Error(`${key} is not checked`)
  return prompt.validate(typed)
}

/** Returns the labels of a selection by their values. */
export function choicesOf(method: SignInMethod, key: string): Readonly<Record<string, string>> {
  const prompt = promptOf(method, key)
  if (prompt.type !== "select") throw new Error(`${key} is not a selection`)
  return Object.fromEntries(prompt.options.map(({ value, label }) => [value, label]))
}
