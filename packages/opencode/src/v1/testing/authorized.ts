import type { AuthOAuthResult } from "@opencode-ai/plugin"
import type { SignInMethod } from "../sign-in/method.ts"

/** A sign-in that was begun, as OpenCode goes on with it: it shows the address and the instructions, and calls back. */
export async function authorized(begun: Promise<AuthOAuthResult>) {
  const result = await begun
  if (result.method !== "auto") throw new Error("expected a sign-in that waits by itself")
  return result
}

/** One of a method's prompts. */
export function promptOf(method: SignInMethod, key: string) {
  const prompt = method.prompts?.find((each) => each.key === key)
  if (prompt === undefined) throw new Error(`the method asks for no ${key}`)
  return prompt
}

/** What a text prompt says to what was typed; undefined when it is content. */
export function validated(method: SignInMethod, key: string, typed: string): string | undefined {
  const prompt = promptOf(method, key)
  if (prompt.type !== "text" || prompt.validate === undefined) throw new Error(`${key} is not checked`)
  return prompt.validate(typed)
}

/** What a selection offers: labels by their values. */
export function choicesOf(method: SignInMethod, key: string): Readonly<Record<string, string>> {
  const prompt = promptOf(method, key)
  if (prompt.type !== "select") throw new Error(`${key} is no selection`)
  return Object.fromEntries(prompt.options.map(({ value, label }) => [value, label]))
}
