import { endpointLabel, QwenAuthError, startConsoleSignIn } from "qwen-auth-core"
import { startDeviceSignIn } from "qwen-auth-core/internal"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import { existingKeys, openCodeKey, readExistingKey } from "qwen-auth-local/existing-keys"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { LatestAttempt } from "../../shared/latest-attempt.ts"
import { resolveFoundKey } from "../../shared/resolve-found-key.ts"
import { approveInstructions, CONSOLE_SITE, EXISTING_SIGN_IN } from "../../shared/sign-in-texts.ts"
import { hostAccount, hostKey } from "../host-credential.ts"
import type { Authorization, HostOAuth } from "../host-types.ts"
import type { Services } from "../services.ts"
import { authorization } from "./authorization.ts"
import { FORMER_KEY, FOUND_KEYS, METHOD_IDS } from "./choices.ts"

/** How long the console's sign-in stays open, ms. */
const CONSOLE_TIMEOUT_MS = 15 * 60_000

/** The sign-ins that this plugin performs. None of them rejects. */
export interface SignIns {
  account(): Promise<Authorization>
  console(site: unknown): Promise<Authorization>
  existing(choice: CredentialsChoice): Promise<Authorization>
  /**
   * Copies an API key that another program stored on this computer.
   * @param from the id of its source, see {@link FOUND_KEYS}; any other value means the first key that is found
   */
  foundKey(from: unknown): Promise<Authorization>
}

/**
 * Creates the sign-ins of a directory. A new attempt cancels the previous one of the same kind.
 * @param services throws if the settings cannot be used
 * @param hostUserAgent OpenCode's own `User-Agent`, by which the Coding Plan recognises it
 * @param ending cancels the running attempts
 */
export function signIns(
  services: () => Services,
  log: Services["platform"]["log"],
  hostUserAgent: string,
  ending: AbortSignal,
): SignIns {
  const attempts = { account: new LatestAttempt(), console: new LatestAttempt(), key: new LatestAttempt() }
  const begin = (kind: keyof typeof attempts) => AbortSignal.any([attempts[kind].begin(), ending])
  return {
    account: () => authorization(log, () => beginAccount(services(), begin("account"))),
    console: (site) =>
      authorization(log, () =>
        beginConsole(services(), site === "china" ? "china" : "international", begin("console")),
      ),
    existing: (choice) =>
      authorization(log, async () => {
        const credential = await existingAccount(services(), choice)
        return { url: "", instructions: EXISTING_SIGN_IN, finish: async () => credential }
      }),
    foundKey: (from) => authorization(log, () => copyFoundKey(services(), from, hostUserAgent, begin("key"))),
  }
}

async function beginAccount({ platform, local, accounts }: Services, signal: AbortSignal) {
  const { authorization: started, wait } = await startDeviceSignIn({ platform, server: local.server, signal })
  return {
    url: started.verificationUriComplete,
    instructions: approveInstructions(started.userCode, (await local.signIn.choice()) === "qwen-code"),
    expiresAt: started.expiresAt,
    finish: async () => {
      const credential = await wait(signal)
      // An account without a quota is not stored: the earlier sign-in, if there is one, stays.
      await local.verifyAccount(credential, signal)
      await accounts.signIn(credential).catch((error: unknown) => {
        // OpenCode stores it too, and the next refresh writes the file.
        platform.log.warn("The sign-in could not be stored in its file.", { error })
      })
      return hostAccount(METHOD_IDS.account, credential)
    },
  }
}

async function beginConsole({ platform }: Services, site: "china" | "international", signal: AbortSignal) {
  const started = await startConsoleSignIn({ platform, site, signal, timeoutMs: CONSOLE_TIMEOUT_MS })
  return {
    url: started.url,
    instructions: CONSOLE_SITE.instructions,
    expiresAt: platform.now() + CONSOLE_TIMEOUT_MS,
    finish: async () => {
      const { apiKey, baseUrl } = await started.wait(signal)
      return hostKey(METHOD_IDS.console, apiKey, baseUrl)
    },
  }
}

async function existingAccount(services: Services, choice: CredentialsChoice): Promise<HostOAuth> {
  const { credential: stored, problem } = await services.local.signIn.stores[choice].read()
  if (stored?.type !== "oauth") throw problem ?? notFoundError(choice)
  const methodID = choice === "qwen-code" ? METHOD_IDS["qwen-code"] : METHOD_IDS.account
  const manager = await services.managerOf({ methodID, credential: stored })
  const credential = await manager.getCredential()
  if (credential.type !== "oauth") throw notFoundError(choice)
  return hostAccount(methodID, credential)
}

/** Finds the chosen key: one of another program, or this provider's in OpenCode 1. */
function foundKey(settings: Services["settings"], from: unknown): { label: string; stored: StoredKey } | undefined {
  const chosen = typeof from === "string" && (from === FORMER_KEY.id || Object.hasOwn(FOUND_KEYS, from))
  const found = existingKeys(settings).find(({ id }) => !chosen || id === from)
  if (found !== undefined) {
    const stored = readExistingKey(settings, found.id)
    return stored && { label: found.label, stored }
  }
  const former = chosen && from !== FORMER_KEY.id ? undefined : openCodeKey(settings)
  return former && { label: `Found: API key of ${FORMER_KEY.label}`, stored: former }
}

async function copyFoundKey(
  { platform, settings, caches }: Services,
  from: unknown,
  userAgent: string,
  signal: AbortSignal,
) {
  const found = foundKey(settings, from)
  if (found === undefined) {
    throw new QwenAuthError("sign_in_failed", "There is no such API key on this computer.", {
      remedy: "Choose another way to sign in.",
    })
  }
  const { apiKey, endpoint, hint } = found.stored
  const resolved = await resolveFoundKey({ platform, apiKey, hint: { ...hint, endpoint }, userAgent, signal })
  const { credential, models } = resolved
  await caches.lists.remember(credential.baseUrl, models)
  return {
    url: "",
    instructions: `${found.label}. It is for ${endpointLabel(credential)}.`,
    finish: async () => hostKey(METHOD_IDS["found-key"], apiKey, credential.baseUrl),
  }
}

function notFoundError(choice: CredentialsChoice): QwenAuthError {
  const whose = choice === "qwen-code" ? "sign-in of Qwen Code" : "sign-in with a Qwen account"
  return new QwenAuthError("sign_in_failed", `There is no ${whose} on this computer.`, {
    remedy: "Choose another way to sign in.",
  })
}
