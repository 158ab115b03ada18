import type { Hooks, PluginInput } from "@opencode-ai/plugin"
import type { Logger } from "qwen-auth-core"
import type { PreparedBodies } from "qwen-auth-core/internal"
import type { SettingSources } from "qwen-auth-local/paths"
import type { LoadedSignIn } from "./host/host-record-reader.ts"
import type { KeyModelLists } from "./models/key-model-lists.ts"
import type { Services } from "./services.ts"
import type { SignIns } from "./sign-in/method.ts"

/** What OpenCode gave the plugin at its start. */
export interface PluginOptions {
  readonly client: PluginInput["client"]
  readonly sources: SettingSources
  /** The sign-in with which OpenCode loaded the provider, also later on. */
  readonly signIn: LoadedSignIn
  /** Aborts when OpenCode ends the plugin. */
  readonly ending: AbortSignal
}

/** What does the plugin's work. It is loaded when it is needed, not at OpenCode's start. */
export interface Plugin extends Pick<Services, "fetches"> {
  readonly log: Logger
  readonly prepareBody: PreparedBodies["prepare"]
  readonly keyModelLists: KeyModelLists
  readonly signIns: SignIns
  readonly addToolNames: NonNullable<Hooks["experimental.chat.system.transform"]>
  /**
   * Checks the input of the hook `chat.params`.
   * @param sends returns whether requests through a fetch are sent with a credential of this plugin
   * @throws Error whose message tells the user why the request is not sent
   */
  checkRequest(input: unknown, sends: (fetch: unknown) => boolean): void
  /** Loads the code that is still missing. */
  preload(): Promise<unknown>
}
