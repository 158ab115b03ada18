import { endpointLabel } from "../catalog/plans.ts"
import type { ApiKeyCredential } from "../credentials/credential.ts"
import { QwenAuthError } from "../errors.ts"
import { requestUrl } from "../http/api-url.ts"

/**
 * The APIs of the same key beside OpenAI's Chat Completions: Anthropic's Messages and OpenAI's Responses, by the end of
 * the requested path.
 */
const OTHER_DOORS = [
  { path: "/messages", api: "Anthropic's Messages API" },
  { path: "/responses", api: "OpenAI's Responses API" },
] as const

const USE_CHAT = "Use OpenAI's chat completions (/v1/chat/completions)"

/**
 * Returns the URL for a request with an API key. Anthropic's Messages have their own path on every host of every plan;
 * the Responses API is below the base URL, except on the Coding Plan, which does not have it.
 * @param baseUrl the checked base URL of the key
 * @throws QwenAuthError `endpoint_not_available`
 */
export function keyDoorUrl(credential: ApiKeyCredential, baseUrl: string, requested: URL): string {
  const door = otherDoor(requested)
  if (door?.path === "/messages") return requestUrl(`${new URL(baseUrl).origin}/apps/anthropic/v1`, requested)
  if (door?.path === "/responses" && credential.plan === "coding-plan") {
    throw notAvailable(
      `The ${endpointLabel(credential)} does not have ${door.api}.`,
      `${USE_CHAT}, or a Token Plan or pay-as-you-go key.`,
    )
  }
  return requestUrl(baseUrl, requested)
}

/**
 * Returns the URL for a request with a Qwen account, which has no API but Chat Completions.
 * @throws QwenAuthError `endpoint_not_available`
 */
export function accountDoorUrl(baseUrl: string, requested: URL): string {
  const door = otherDoor(requested)
  if (door === undefined) return requestUrl(baseUrl, requested)
  throw notAvailable(
    `A Qwen account does not have ${door.api}.`,
    `${USE_CHAT}, or sign in with a Model Studio API key.`,
  )
}

function otherDoor({ pathname }: URL) {
  return OTHER_DOORS.find(({ path }) => pathname.endsWith(path))
}

function notAvailable(message: string, remedy: string): QwenAuthError {
  return new QwenAuthError("endpoint_not_available", message, { remedy })
}
