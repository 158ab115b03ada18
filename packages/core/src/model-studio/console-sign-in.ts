import type { ApiKeyCredential } from "../credentials/credential.ts"
import { abortedError, QwenAuthError } from "../errors.ts"
import { nodePlatform, type Platform } from "../platform.ts"
import { type ConsoleCallbackHandler, consoleCallbackHandler } from "./console-callback-handler.ts"
import { CONSOLE_SITES, type ConsoleSite } from "./console-site.ts"
import { type LoopbackListener, listenOnLoopback } from "./loopback-listener.ts"

/** A sign-in in the Model Studio console that waits for the user. */
export interface ConsoleSignIn {
  /**
   * The console's address, to be opened in a browser on this machine. It contains the state, which is a secret: show it
   * to the user, but do not log it. `cmd /c start` truncates it at the `&`.
   */
  readonly url: string
  /**
   * Waits until the console sends a key. Aborting the wait ends the sign-in. Only a wait keeps the process alive.
   * @throws QwenAuthError `console_sign_in_expired`, `aborted`
   */
  wait(signal?: AbortSignal): Promise<ApiKeyCredential>
  /** Ends the sign-in and frees the port. Does nothing if it has already ended. */
  close(): Promise<void>
}

/** Options for {@link startConsoleSignIn}. */
export interface ConsoleSignInOptions {
  /** The console where the user's account is. */
  readonly site: ConsoleSite
  /** Ends the sign-in at any time, like `close`. */
  readonly signal?: AbortSignal | undefined
  readonly platform?: Platform | undefined
  /** How long the sign-in stays open, ms. 15 minutes by default. */
  readonly timeoutMs?: number | undefined
}

const TIMEOUT_MS = 15 * 60_000
/**
 * Chrome 142 and later ask the user for permission (Local Network Access). Without it, no call reaches the listener.
 */
const ALLOW_CONNECTION = "allow the page to connect to this device if the browser asks"

/**
 * Starts the same sign-in as the official Model Studio command line tool: the console's page sends an API key to a
 * listener on 127.0.0.1. Pay-as-you-go keys cost money, so inform the user first. The listener
 * closes after `timeoutMs` even if no caller waits for the key.
 *
 * @example
 * const signIn = await startConsoleSignIn({ site: "international" })
 * openInBrowser(signIn.url)
 * const { apiKey, baseUrl } = await signIn.wait(signal)
 *
 * @throws QwenAuthError `console_sign_in_failed` (the listener could not be opened), `aborted`
 */
export async function startConsoleSignIn(options: ConsoleSignInOptions): Promise<ConsoleSignIn> {
  const { site, signal, timeoutMs = TIMEOUT_MS, platform = nodePlatform() } = options
  if (signal?.aborted) throw abortedError(signal)
  const state = Buffer.from(platform.randomBytes(16)).toString("hex")
  const handler = consoleCallbackHandler(platform, { state, site })
  const listener = await openListener(platform, handler)
  if (signal?.aborted) {
    await listener.close()
    throw abortedError(signal)
  }
  // The second "?" is intentional: the official command uses this format.
  const { consoleUrl } = CONSOLE_SITES[site]
  const url = `${consoleUrl}/console-login?notice=127.0.0.1:${listener.port}?state=${state}&needapikey=true`
  return { url, ...openSignIn(platform, listener, handler, timeoutMs, signal) }
}

async function openListener(platform: Platform, handler: ConsoleCallbackHandler): Promise<LoopbackListener> {
  try {
    return await listenOnLoopback(platform, handler.answer)
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : ""
    throw new QwenAuthError(
      "console_sign_in_failed",
      `This computer cannot listen for the console's response${code}.`,
      {
        remedy: "Allow programs to listen on 127.0.0.1, or copy an API key from the console.",
        cause,
      },
    )
  }
}

/** A sign-in ends exactly once: with a key, by timeout, or because it is closed or aborted. */
function openSignIn(
  platform: Platform,
  listener: LoopbackListener,
  handler: ConsoleCallbackHandler,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Pick<ConsoleSignIn, "wait" | "close"> {
  const expiresAt = platform.now() + timeoutMs
  let ended: Promise<void> | undefined
  let settle: (result: ApiKeyCredential | QwenAuthError) => void = () => {}
  const outcome = new Promise<ApiKeyCredential | QwenAuthError>((resolve) => {
    settle = resolve
  })

  async function release() {
    stopLifetime()
    signal?.removeEventListener("abort", cancel)
    await listener.close()
  }
  const end = (result: ApiKeyCredential | QwenAuthError) => {
    ended ??= release().then(() => settle(result))
    return ended
  }
  const expire = () => end(expiredError(platform, handler))
  const cancel = () => void end(abortedError(signal))

  // Ends a sign-in that nobody waits for. Unlike the timer of a wait, this one does not keep the process alive.
  const stopLifetime = platform.setInterval(timeoutMs, expire)
  signal?.addEventListener("abort", cancel, { once: true })
  void handler.key.then(end)
  return {
    close: () => end(abortedError()),
    async wait(waitSignal) {
      const cancelWait = () => void end(abortedError(waitSignal))
      if (waitSignal?.aborted) cancelWait()
      waitSignal?.addEventListener("abort", cancelWait, { once: true })
      const stopTimer = platform.setTimeout(Math.max(0, expiresAt - platform.now()), () => void expire())
      const result = await outcome
      stopTimer()
      waitSignal?.removeEventListener("abort", cancelWait)
      if (QwenAuthError.isInstance(result)) throw result
      return result
    },
  }
}

function expiredError(platform: Platform, { refusals }: ConsoleCallbackHandler): QwenAuthError {
  platform.log.debug("console sign-in: expired", { refusals: Object.fromEntries(refusals) })
  const refusalText = refusals.size === 0 ? "" : ` (a page called back, but ${[...refusals.keys()].join("; ")})`
  const message = `Nobody approved the sign-in in the Model Studio console in time${refusalText}.`
  return new QwenAuthError("console_sign_in_expired", message, {
    remedy:
      `Start the sign-in again in a browser on this computer, ${ALLOW_CONNECTION}, ` +
      "or copy an API key from the console.",
  })
}
