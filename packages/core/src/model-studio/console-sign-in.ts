import { abortedError, QwenAuthError } from "../errors.ts"
import { secureUrl } from "../http/secure-url.ts"
import { nodePlatform, type Platform } from "../platform.ts"
import type { ConsoleApiKey } from "./console-callback.ts"
import { type ConsoleCallbackHandler, consoleCallbackHandler } from "./console-callback-handler.ts"
import { CONSOLE_SITES, type ConsoleSite } from "./console-site.ts"
import { type LoopbackListener, listenOnLoopback } from "./loopback-listener.ts"

export type { ConsoleApiKey } from "./console-callback.ts"
export type { ConsoleSite } from "./console-site.ts"

/** A sign-in in the Model Studio console that waits for the person. */
export interface ConsoleSignIn {
  /**
   * The console's address, to be opened in a browser on this machine. It holds the state: show it to the person, not to a log.
   * `cmd /c start` would cut it at the `&`.
   */
  readonly url: string
  /**
   * Waits until the console has handed over a key. Giving up the wait ends the sign-in. Only a wait keeps the process alive.
   * @throws QwenAuthError `console_sign_in_expired`, `aborted`
   */
  wait(signal?: AbortSignal): Promise<ConsoleApiKey>
  /** Ends it and frees the port; harmless when it has ended. */
  close(): Promise<void>
}

/** Options of a console sign-in. */
export interface ConsoleSignInOptions {
  /** The console where the user's account is. */
  readonly site: ConsoleSite
  /** Ends the sign-in at any time, as `close` does. */
  readonly signal?: AbortSignal | undefined
  readonly platform?: Platform | undefined
  /** Another console than the site's, whose origin alone may then call back: https, or http on loopback. */
  readonly consoleBaseUrl?: string | undefined
  /** How long the sign-in stays open, ms; 15 minutes unless given. */
  readonly timeoutMs?: number | undefined
}

const TIMEOUT_MS = 15 * 60_000
/** Chrome 142 and later ask the person (Local Network Access). Without a yes no call reaches the listener. */
const LET_IT_CONNECT = "allow the page to connect to this device if the browser asks"

/**
 * Starts the sign-in of the official Model Studio command: the console's page hands an API key to a listener on 127.0.0.1. It is
 * a pay-as-you-go key, so using it can cost money: the person must be told before. Whether somebody waits for it or not, after
 * `timeoutMs` nothing of it is left.
 *
 * @example
 * const signIn = await startConsoleSignIn({ site: "international" })
 * openInBrowser(signIn.url)
 * const { apiKey, baseUrl } = await signIn.wait(signal)
 *
 * @throws QwenAuthError `console_sign_in_failed` (no listener could be opened), `invalid_endpoint` (`consoleBaseUrl`), `aborted`
 */
export async function startConsoleSignIn(options: ConsoleSignInOptions): Promise<ConsoleSignIn> {
  const { site, signal, timeoutMs = TIMEOUT_MS, platform = nodePlatform() } = options
  const { consoleUrl, origins } = consoleAt(site, options.consoleBaseUrl)
  if (signal?.aborted) throw abortedError(signal)
  const state = Buffer.from(platform.randomBytes(16)).toString("hex")
  const inbox = consoleCallbackHandler(platform, { origins, state, site })
  const listener = await openListener(platform, inbox)
  if (signal?.aborted) {
    await listener.close()
    throw abortedError(signal)
  }
  // The second "?" is literal: so the official command writes it.
  const url = `${consoleUrl}/console-login?notice=127.0.0.1:${listener.port}?state=${state}&needapikey=true`
  return { url, ...openSignIn(platform, listener, inbox, timeoutMs, signal) }
}

function consoleAt(site: ConsoleSite, configured: string | undefined) {
  if (configured === undefined) {
    const origins = Object.values(CONSOLE_SITES).map(({ consoleUrl }) => consoleUrl)
    return { consoleUrl: CONSOLE_SITES[site].consoleUrl, origins }
  }
  const { origin, pathname } = secureUrl(configured, "The console address")
  return { consoleUrl: `${origin}${pathname.replace(/\/+$/, "")}`, origins: [origin] }
}

async function openListener(platform: Platform, inbox: ConsoleCallbackHandler): Promise<LoopbackListener> {
  try {
    return await listenOnLoopback(platform, inbox.answer)
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

/** A sign-in that ends once: by the key, by the clock, or because somebody gave up. */
function openSignIn(
  platform: Platform,
  listener: LoopbackListener,
  inbox: ConsoleCallbackHandler,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Pick<ConsoleSignIn, "wait" | "close"> {
  const expiresAt = platform.now() + timeoutMs
  const over = new AbortController()
  let ended: Promise<void> | undefined
  let settle: (how: ConsoleApiKey | QwenAuthError) => void = () => {}
  const outcome = new Promise<ConsoleApiKey>((resolve, reject) => {
    settle = (how) => (QwenAuthError.isInstance(how) ? reject(how) : resolve(how))
  })
  // Nobody may be waiting when it ends: that must not end the process.
  outcome.catch(() => {})

  async function leave() {
    over.abort()
    stopLifetime()
    signal?.removeEventListener("abort", giveUp)
    await listener.close()
  }
  const end = (how: ConsoleApiKey | QwenAuthError) => {
    ended ??= leave().then(() => settle(how))
    return ended
  }
  const expire = () => end(expired(platform, inbox))
  const giveUp = () => void end(abortedError(signal))

  // For the sign-in that nobody waits for: it keeps no process alive, unlike the sleep of a wait.
  const stopLifetime = platform.setInterval(timeoutMs, expire)
  signal?.addEventListener("abort", giveUp, { once: true })
  void inbox.key.then(end)
  return {
    close: () => end(abortedError()),
    async wait(waitSignal) {
      const giveUpWait = () => void end(abortedError(waitSignal))
      if (waitSignal?.aborted) giveUpWait()
      waitSignal?.addEventListener("abort", giveUpWait, { once: true })
      platform.sleep(Math.max(0, expiresAt - platform.now()), over.signal).then(expire, () => {})
      try {
        return await outcome
      } finally {
        waitSignal?.removeEventListener("abort", giveUpWait)
      }
    },
  }
}

function expired(platform: Platform, { refusals }: ConsoleCallbackHandler): QwenAuthError {
  platform.log.debug("console sign-in: expired", { refusals: Object.fromEntries(refusals) })
  const seen = refusals.size === 0 ? "" : ` (a page called back, but ${[...refusals.keys()].join("; ")})`
  const message = `Nobody approved the sign-in in the Model Studio console in time${seen}.`
  return new QwenAuthError("console_sign_in_expired", message, {
    remedy: `Start the sign-in again in a browser on this computer, ${LET_IT_CONNECT}, or copy an API key from the console.`,
  })
}
