import type { PluginInput } from "@opencode-ai/plugin"
import type { Fetch } from "qwen-auth-core"
import type { CredentialManager, PreparedBodies } from "qwen-auth-core/internal"
import type { EnvironmentKey } from "qwen-auth-local/environment-key"
import { createLocalServices, type LocalServices, type LocalServicesOptions } from "qwen-auth-local/services"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { userAgent } from "../shared/user-agent.ts"
import type { HostAuthReader } from "./host/host-auth-reader.ts"
import { publishToHost } from "./host/host-record.ts"
import { hostRecordStore } from "./host/host-record-store.ts"
import { signInChangedError } from "./host/sign-in-changed.ts"
import { userMessage } from "./messages.ts"
import { hostAgent, withHostAgent } from "./requests/host-agent.ts"
import { hostVersion } from "./requests/host-version.ts"

/** Options of {@link createServices}. */
export interface ServicesOptions extends Omit<LocalServicesOptions, "userAgent" | "hostUserAgent" | "formatError"> {
  readonly client: PluginInput["client"]
  readonly host: HostAuthReader
  readonly bodies: PreparedBodies
  readonly environmentKey: EnvironmentKey | undefined
}

/** Services that requests and sign-ins share. */
export interface Services extends Pick<LocalServices, "server" | "signIn" | "verifyAccount"> {
  /** Used for requests. It picks up a new sign-in immediately. */
  readonly account: CredentialManager
  /**
   * Reads only the stored file and ignores OpenCode's record, so that an existing sign-in can be reused. Creates a new
   * manager for each call, because a manager caches its credential and the choice of the store may have changed.
   */
  readonly storedAccount: () => CredentialManager
  /** Returns the name under which OpenCode's requests carry a key; undefined while OpenCode does not tell its version. */
  readonly hostUserAgent: () => Promise<string | undefined>
  /** Send requests with the Qwen account, the key in OpenCode's record or the key in the environment. */
  readonly fetches: { readonly account: Fetch; readonly key: Fetch; readonly environment: Fetch }
}

/** Creates the services. No file is read before the first use. */
export function createServices(options: ServicesOptions): Services {
  const { platform, host } = options
  const agent = userAgent(process.platform, process.arch)
  const version = hostVersion(options.client)
  const hostUserAgent = async () => {
    const known = await version()
    return known === undefined ? undefined : hostAgent(known)
  }
  const local = createLocalServices({ ...options, userAgent: agent, hostUserAgent, formatError: userMessage })
  const account = local.accountManager({
    store: hostRecordStore(local.signIn.store, () => host.record(), platform.log),
    publish: async (credential, replaced) =>
      publishToHost(options.client, (await host.record()) ?? { kind: "none" }, credential, replaced),
  })
  return {
    server: local.server,
    signIn: local.signIn,
    verifyAccount: local.verifyAccount,
    account,
    storedAccount: () => local.accountManager(),
    hostUserAgent,
    fetches: {
      account: local.fetchWith(account),
      key: withHostAgent(
        local.keyFetch(() => recordedKey(host)),
        version,
      ),
      environment: withHostAgent(
        local.keyFetch(() => environmentKey(options), options.environmentKey?.describeError),
        version,
      ),
    },
  }
}

async function recordedKey(host: HostAuthReader): Promise<StoredKey> {
  const record = (await host.record()) ?? { kind: "none" }
  if (record.kind !== "key") throw signInChangedError(record)
  return record.key
}

async function environmentKey({ environmentKey }: ServicesOptions): Promise<StoredKey> {
  if (environmentKey === undefined) throw signInChangedError({ kind: "none" })
  return environmentKey.stored()
}
