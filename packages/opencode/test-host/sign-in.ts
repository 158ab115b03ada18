import { HostHttpError } from "./attempts.ts"
import type { HostState } from "./host-state.ts"
import type { LocationDomains } from "./location.ts"
import type { Answer, AttemptInfo, AttemptStatus } from "./types.ts"
import { errorMessage } from "./violations.ts"

/** What a person does in a sign-in. */
export interface ConnectOptions {
  /** The key, for the method `key`. It is entered after the form. */
  readonly key?: string
  /** The code, for a method of mode `code`. */
  readonly code?: string
  readonly label?: string
  readonly directory?: string
  /** Called when the CLI shows the URL: approve, deny, cancel or move the clock here. */
  readonly onShown?: (attempt: AttemptInfo, control: { readonly cancel: () => void }) => unknown
}

/** How a sign-in ended, as the person sees it. */
export type SignIn = AttemptStatus & {
  /** The HTTP status when it did not even start. */
  readonly httpStatus?: number
}

interface SignInInput extends ConnectOptions {
  readonly integrationID: string
  readonly method: string
  readonly answer: Answer | undefined
}

/** Signs in as `auth login` does, and prints instructions, URL and, in newer versions, a QR code. */
export async function signInAtCommandLine(
  state: HostState,
  domains: LocationDomains,
  input: SignInInput,
): Promise<SignIn> {
  try {
    return await signIn(state, domains, input)
  } catch (error) {
    if (!(error instanceof HostHttpError)) throw error
    return { status: "failed", message: errorMessage(error), httpStatus: error.status }
  }
}

async function signIn(
  state: HostState,
  { attempts, integration }: LocationDomains,
  { integrationID, method, answer, label, key, code, onShown }: SignInInput,
): Promise<SignIn> {
  const common = {
    integrationID,
    ...(answer === undefined ? {} : { answer }),
    ...(label === undefined ? {} : { label }),
  }
  if (method === "key") {
    await attempts.connectKey({ ...common, key: key ?? "" })
    return { status: "complete" }
  }
  const isCommand = integration(integrationID).methods.some(({ data }) => data.type === "command" && data.id === method)
  const reference = { ...common, methodID: method }
  const info = isCommand ? await attempts.connectCommand(reference) : await attempts.connectOAuth(reference)
  state.printed.push(info.instructions, info.url, ...(info.device === true ? [`QR ${info.url}`] : []))
  const named = { integrationID, attemptID: info.attemptID }
  let cancel = () => {}
  const cancelled = new Promise<void>((resolve) => {
    cancel = () => {
      attempts.cancel(named)
      resolve()
    }
  })
  await onShown?.(info, { cancel })
  if (info.mode === "code") return attempts.complete({ ...named, code: code ?? "" })
  const ended = new AbortController()
  const expired = state.clock.limit(Math.max(info.expiresAt - state.clock.now(), 0), ended.signal)
  await Promise.race([attempts.done(info.attemptID), cancelled, expired])
  ended.abort()
  return attempts.status(named)
}
