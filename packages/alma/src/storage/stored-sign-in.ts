import {
  type Credential,
  formatCredentialJson,
  isApiKey,
  PLAN_IDS,
  parseCredentialJson,
  parseJsonText,
  REGIONS,
} from "qwen-auth-core"
import * as v from "valibot"

/** An API key as it is stored: the plan's place beside it. */
const StoredKey = v.object({
  type: v.literal("api_key"),
  api_key: v.pipe(v.string(), v.check(isApiKey)),
  plan: v.picklist(PLAN_IDS),
  region: v.picklist(REGIONS),
  base_url: v.string(),
})

/** The text that is kept for a sign-in of either kind. */
export function formatSignIn(credential: Credential): string {
  if (credential.type === "oauth") return formatCredentialJson(credential)
  const { type, apiKey, plan, region, baseUrl } = credential
  return JSON.stringify({ type, api_key: apiKey, plan, region, base_url: baseUrl })
}

/** The sign-in in a text; undefined when there is no complete one, `newer` when a later version wrote it. */
export function parseSignIn(text: string): Credential | "newer" | undefined {
  const account = parseCredentialJson(text)
  const key = v.safeParse(StoredKey, parseJsonText(text))
  if (account === "newer" || !key.success) return account
  const { type, api_key, plan, region, base_url } = key.output
  return { type, apiKey: api_key, plan, region, baseUrl: base_url }
}
