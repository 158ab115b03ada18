import { type ApiKeyCredential, type OAuthCredential, type Platform, QwenAuthError } from "qwen-auth-core"
import { type AuthConfig, readAuthConfig } from "qwen-auth-local/auth-config"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import { type EnvironmentKey, environmentKey } from "qwen-auth-local/environment-key"
import { memoized } from "qwen-auth-local/memoized"
import { readSettings, type Settings } from "qwen-auth-local/settings"
import { type SignInStore, signInStore } from "qwen-auth-local/sign-in-store"
import type { Values } from "./commands/command.ts"
import { platformWithLog } from "./log.ts"
import type { World } from "./world.ts"

/** The sign-in that requests use now. */
export type ActiveSignIn =
  | { readonly kind: "account"; readonly store: CredentialsChoice; readonly credential: OAuthCredential }
  | { readonly kind: "key"; readonly credential: ApiKeyCredential }
  | { readonly kind: "environment-key"; readonly key: EnvironmentKey }
  /** `problem`: why the stored sign-in cannot be used. */
  | { readonly kind: "none"; readonly problem?: QwenAuthError }

/** The sign-in of this computer as its files and its environment describe it. OpenCode's plugin uses the same files. */
export interface StoredSignIn {
  readonly platform: Platform
  readonly settings: Settings
  /** Reads `auth-config.json`. */
  readonly config: () => Promise<AuthConfig>
  readonly environment: EnvironmentKey | undefined
  readonly chosen: SignInStore
  /** Returns which sign-in is used. Reads files only. */
  active(): Promise<ActiveSignIn>
}

/**
 * Opens the stored sign-in, without the code that sends requests. No file is read before the first use.
 * @throws QwenAuthError `invalid_endpoint`: a variable has an address that cannot be used
 */
export function openStoredSignIn(world: World, values: Values): StoredSignIn {
  const platform = platformWithLog(world, values["verbose"] === true)
  const read = readSettings(world.sources)
  if ("problem" in read) throw read.problem
  const { settings } = read
  const config = memoized(() => readAuthConfig(settings.authConfigFile, platform.log))
  const environment = environmentKey(world.sources.environment, platform.log)
  const chosen = signInStore(platform, settings, config)
  return { platform, settings, config, environment, chosen, active: () => activeSignIn(chosen, environment) }
}

async function activeSignIn(chosen: SignInStore, environment: EnvironmentKey | undefined): Promise<ActiveSignIn> {
  const { credential, problem } = await chosen.store.read()
  if (credential?.type === "api_key") return { kind: "key", credential }
  if (credential !== undefined) return { kind: "account", store: await chosen.choice(), credential }
  if (problem !== undefined) return { kind: "none", problem }
  if (environment === undefined) return { kind: "none" }
  try {
    await environment.stored()
    return { kind: "environment-key", key: environment }
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) throw error
    return { kind: "none", problem: error }
  }
}
