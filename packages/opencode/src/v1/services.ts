import type { PluginInput } from "@opencode-ai/plugin"
import type { Fetch } from "qwen-auth-core"
import type { CredentialManager, PreparedBodies } from "qwen-auth-core/internal"
import { keyCredentials } from "qwen-auth-local/api-key-credentials"
import type { EnvironmentKey } from "qwen-auth-local/environment-key"
import type { KeyCaches } from "qwen-auth-local/key-caches"
import { createLocalServices, type LocalServices, type LocalServicesOptions } from "qwen-auth-local/services"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { USER_AGENT } from "../shared/user-agent.ts"
import { publishToHost } from "./host/host-record.ts"
import type { HostRecordReader } from "./host/host-record-reader.ts"
import { hostRecordStore } from "./host/host-record-store.ts"
import { signInChangedError } from "./host/sign-in-changed.ts"
import { userMessage } from "./messages.ts"
import { type HostAgent, hostAgent, withHostAgent } from "./requests/host-agent.ts"

/** Options of {@link createServices}. */
export interface ServicesOptions extends Omit<LocalServicesOptions, "userAgent" | "formatError"> {
  readonly client: PluginInput["client"]
  /** Reads OpenCode's record. */
  readonly readHostRecord: HostRecordReader
  readonly caches: KeyCaches
  readonly bodies: PreparedBodies
  readonly environmentKey: EnvironmentKey | undefined
}

/** Services that requests and sign-ins share. */
export interface Services extends Pick<LocalServices, "server" | "signIn" | "verifyAccount" | "toolNamesEnabled"> {
  /** Used for requests. It picks up a new sign-in immediately. */
  readonly account: CredentialManager
  /**
   * Reads only the stored file and ignores OpenCode's record, so that an existing sign-in can be reused. Creates a new
   * manager for each call, because a manager caches its credential and the choice of the store may have changed.
   */
  readonly storedAccount: () => CredentialManager
  readonly hostUserAgent: HostAgent
  /** Send requests with the Qwen account, the key in OpenCode's record or the key in the environment. */
  readonly fetches: { readonly account: Fetch; readonly key: Fetch; readonly environment: Fetch }
}

/** Creates the services. No file is read before the first use. */
export function createServices(options: ServicesOptions): Services {
  const { platform, client, readHostRecord, caches } = options
  const local = createLocalServices({ ...options, userAgent: USER_AGENT, formatError: userMessage })
  const account = local.accountManager({
    store: hostRecordStore(local.signIn.store, readHostRecord, platform.log),
    publish: async (credential, replaced) =>
      publishToHost(client, (await readHostRecord()) ?? { kind: "none" }, credential, replaced),
  })
  const hostUserAgent = hostAgent(client)
  const keyFetch = (stored: () => Promise<StoredKey>, describeError?: EnvironmentKey["describeError"]) => {
    const credentials = keyCredentials({ platform, ...caches, stored, hostUserAgent, describeError })
    return withHostAgent(local.fetchWith(credentials), hostUserAgent)
  }
  return {
    ...local,
    account,
    storedAccount: () => local.accountManager(),
    hostUserAgent,
    fetches: {
      account: local.fetchWith(account),
      key: keyFetch(() => recordedKey(readHostRecord)),
      environment: keyFetch(() => environmentKey(options), options.environmentKey?.describeError),
    },
  }
}

async function recordedKey(readHostRecord: HostRecordReader): Promise<StoredKey> {
  const record = (await readHostRecord()) ?? { kind: "none" }
  if (record.kind !== "key") throw signInChangedError(record)
  return record.key
}

async function environmentKey({ environmentKey }: ServicesOptions): Promise<StoredKey> {
  if (environmentKey === undefined) throw signInChangedError({ kind: "none" })
  return environmentKey.stored()
}
