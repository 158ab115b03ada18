import { join } from "node:path"
import type { OAuthCredential, QwenAuthError } from "qwen-auth-core"
import { readSettings } from "qwen-auth-local/settings"
import { type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { createDirectory } from "../directory.ts"
import type { HostContext, HostOAuth } from "../host-types.ts"
import { register } from "../register.ts"
import { createServices, type ProcessServices } from "../services.ts"
import { fakeContext } from "./fake-context.ts"

interface SetUp extends FakePlatformOptions {
  readonly members?: Partial<HostContext>
  readonly problem?: QwenAuthError
  /** A new account is checked with one request. */
  readonly verify?: boolean
  readonly environment?: Readonly<Record<string, string>>
}

/** Sets the plugin up in a fake OpenCode 2, in a home folder of the test and on a fake platform. */
export async function setUpIn(
  home: string,
  { members, problem, verify = false, environment = {}, ...options }: SetUp = {},
) {
  // Files are read in between, and a clock that jumps whenever the test waits would end every wait.
  const platform = fakePlatform({ autoAdvance: false, ...options })
  const read = readSettings({ environment, options: { verifySignIn: verify }, home, temporary: join(home, "tmp") })
  if ("problem" in read) throw read.problem
  const services = createServices(platform, read.settings)
  const own: ProcessServices = {
    platform,
    environment,
    services() {
      if (problem !== undefined) throw problem
      return services
    },
  }
  const host = fakeContext(members)
  const cleanup = await register(host.context, async (ending) => createDirectory(host.context, own, ending))
  return { ...host, platform, services, own, cleanup }
}

/** A credential of an account as OpenCode stores it. */
export function stored(credential: OAuthCredential, fields: Partial<HostOAuth> = {}): HostOAuth {
  return {
    type: "oauth",
    methodID: "oauth",
    access: credential.accessToken,
    refresh: credential.refreshToken,
    expires: credential.expiresAt,
    ...fields,
  }
}

export const CONNECTION = { type: "credential", id: "credential-1" } as const

const MESSAGES = [
  { role: "system", content: "You are OpenCode." },
  { role: "user", content: "What is 6 times 7?" },
]

/** A chat request as OpenCode 2 is about to send it. */
export function chatRequest(
  bearer: string | undefined,
  fields: Readonly<Record<string, unknown>> = {},
  url = CHAT_URL,
) {
  const body = { model: "coder-model", messages: MESSAGES, stream: true, ...fields }
  return new Request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": "opencode/latest/2.3.0/cli",
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    body: new TextEncoder().encode(JSON.stringify(body)),
  })
}

const CHAT_URL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"
