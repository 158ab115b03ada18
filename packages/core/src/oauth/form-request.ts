import { randomUUID } from "node:crypto"
import { type Answer, readAnswer } from "../http/answer.ts"
import { withDeadline } from "../http/deadline.ts"
import { networkError, proxyRefusedError } from "../http/network-error.ts"
import type { Platform } from "../platform.ts"
import type { AuthorizationServer } from "./authorization-server.ts"

const OAUTH_TIMEOUT_MS = 30_000

/**
 * Posts a form to an OAuth endpoint and reads the response, whatever its status (RFC 6749 §3.2, appendix B). Takes at
 * most 30 s. Does not follow redirects, because the form contains secrets.
 * @throws QwenAuthError `service_unreachable` (network error or timeout), `proxy_refused`, `proxy_unusable`,
 *   `certificate_not_trusted`, `unexpected_response` (the response cannot be decoded), `aborted`
 */
export async function postForm(
  platform: Platform,
  server: AuthorizationServer,
  endpoint: "deviceAuthorizationEndpoint" | "tokenEndpoint",
  form: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Answer> {
  const url = server[endpoint]
  const { host } = new URL(url)
  const init = {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
      "x-request-id": randomUUID(),
      ...(server.userAgent === undefined ? {} : { "user-agent": server.userAgent }),
    },
    body: new URLSearchParams(form).toString(),
    redirect: "manual",
  } as const
  return withDeadline(platform, OAUTH_TIMEOUT_MS, host, signal, async (deadline) => {
    let answer: Answer
    try {
      answer = await readAnswer(await platform.fetch(url, { ...init, signal: deadline }))
    } catch (error) {
      throw networkError(host, error)
    }
    if (answer.status === 407) throw proxyRefusedError()
    return answer
  })
}
