import { PROVIDER_ID } from "../shared/sign-in-texts.ts"
import type { Directory } from "./directory.ts"
import type { Hook, HostContext } from "./host-types.ts"

/** Registers one thing. What OpenCode does not have, or refuses, is a line in the log. */
export type Register = (what: string, register: () => Promise<unknown> | undefined) => Promise<void>

const FILTER = { providerID: PROVIDER_ID } as const

/** Starts the registration of all hooks. One that never finishes does not hold up the others. */
export function registerHooks(
  context: HostContext,
  directory: () => Promise<Directory>,
  tried: Register,
): Promise<void>[] {
  const { session, generate } = context
  const sessionHook: Hook = async (name, callback, options) => session?.hook?.(name, callback, options)
  const registered =
    session?.hook === undefined
      ? [tried("hooks of sessions", () => undefined)]
      : [
          ...registerHttp("requests", sessionHook, context, directory, tried),
          tried("hook of prompts", () =>
            session.hook?.("context", async (event) => (await directory()).addToolNames(event), FILTER),
          ),
        ]
  // Requests outside sessions have hooks in newer versions only.
  if (generate === undefined || !("hook" in generate) || generate.hook === undefined) return registered
  const generateHook: Hook = async (name, callback, options) => generate.hook?.(name, callback, options)
  return [...registered, ...registerHttp("requests outside sessions", generateHook, context, directory, tried)]
}

function registerHttp(
  what: string,
  hook: Hook,
  context: HostContext,
  directory: () => Promise<Directory>,
  tried: Register,
): Promise<void>[] {
  let takesResponses = false
  const responses = tried(`hook of responses to ${what}`, () =>
    hook("http.response", async (event) => (await directory()).http.response(event), FILTER).then(() => {
      takesResponses = takesOwnResponses(context.app?.version)
    }),
  )
  const requests = tried(`hook of ${what}`, () =>
    hook("http.request", async (event) => (await directory()).http.request(event, takesResponses), FILTER),
  )
  return [responses, requests]
}

/** OpenCode 2.0.1 ignores a response that a hook puts in place of its own (reported). An unknown version counts as newer. */
function takesOwnResponses(version = ""): boolean {
  return !/^v?2\.0\.[01](?!\d)/.test(version)
}
