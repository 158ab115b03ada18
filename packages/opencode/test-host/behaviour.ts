/** The hooks of a session. */
export const HOOK_NAMES = [
  "context",
  "compaction",
  "generate",
  "title",
  "model.request",
  "http.request",
  "http.response",
  "retry",
] as const

/** A hook of a session. */
export type HookName = (typeof HOOK_NAMES)[number]

/**
 * What differs between versions of OpenCode 2, or is not known for certain. README.md names the section of the reference for each.
 */
export interface HostBehaviour {
  /** `context.app.version` */
  readonly version: string
  /** Whether `context.credential` exists. */
  readonly credentialDomain: boolean
  /** Whether `integration.connection.status` exists. */
  readonly connectionStatus: boolean
  /** Whether `generate.hook` exists. Without it, no hook sees a request outside sessions. */
  readonly generateHook: boolean
  /** The shape of `when` that the check of an answer understands. */
  readonly formWhen: "array" | "object"
  /** Whether a form may have fields of type `external` and `hidden` fields. */
  readonly newestFields: boolean
  /** Whether a field's `default` becomes its answer when the person gives none. */
  readonly formDefaults: "filled" | "left-out"
  /** Which wins where both set something: the person's configuration, or a plugin. */
  readonly configuration: "after-plugins" | "before-plugins"
  /** The message for the user when `authorize` itself rejects. The error's own message is lost. */
  readonly authorizeRejection: "empty" | "general-text"
  /** Whether the credential that a sign-in or a refresh gives is checked. */
  readonly oauthResult: "checked" | "unchecked"
  /** When the host adds its handler to the `callback` promise. */
  readonly callbackHandler: "at-once" | "next-turn"
  /** Whether `device: true` shows a QR code. */
  readonly deviceQr: boolean
  /** Which of several credentials is active. */
  readonly activeCredential: "newest" | "activated"
  /** Whether directories of one process share a running refresh. */
  readonly joinsRefresh: boolean
  /** Milliseconds before the expiry at which a credential is refreshed. */
  readonly refreshMarginMs: number
  /** What happens to a credential that is due when its method has no `refresh`. */
  readonly expiredWithoutRefresh: "used" | "refused"
  /** Whether 1.x's auth.json is also imported into a database that 2.x made. */
  readonly importsIntoNewDatabase: boolean
  /** Whether a key's `metadata` is merged into the body of a request. */
  readonly keyMetadataInBody: boolean
  /** Whether `region` and `workspaceID` in the settings change the host when there is no `baseURL` beside them. */
  readonly regionDecidesHost: boolean
  /** A request without a credential to a provider with activation "enabled". */
  readonly keylessRequest: "missing-credential" | "unauthenticated"
  /** The shape of `tools` in the hooks' events. */
  readonly hookTools: "record" | "list"
  /** The order of hooks of several plugins. */
  readonly hookOrder: "installed" | "reversed"
  /** Hooks that do not exist. */
  readonly missingHooks: readonly HookName[]
  /** What registering a hook does that does not exist. */
  readonly missingHook: "rejects" | "throws" | "ignored"
  /** Whether registering "http.request" ever resolves. */
  readonly httpRequestRegistration: "resolves" | "never-resolves"
  /** What becomes of a response that "http.response" sets. */
  readonly replacedResponse: "used" | "ignored"
  /** Whether the host's fetch follows redirects. */
  readonly redirects: "followed" | "returned"
  /** Whether the host's fetch knows `data:` URLs. */
  readonly dataUrls: "fetched" | "refused"
  /** Whether the signal of `event.request` aborts with an interrupted turn. */
  readonly requestSignal: "never-aborts" | "aborts"
  /** Whether `model.transform` runs again when a connection changes. `provider.transform` does not. */
  readonly modelFoldOnConnectionChange: boolean
  /** Which variable wins when several are set. */
  readonly envOrder: "names" | "reversed"
}

/** The oldest version, 2.0.0, as far as it is known. */
export const oldest: HostBehaviour = {
  version: "2.0.0",
  credentialDomain: false,
  connectionStatus: false,
  generateHook: false,
  formWhen: "object",
  newestFields: false,
  formDefaults: "left-out",
  configuration: "after-plugins",
  authorizeRejection: "empty",
  oauthResult: "checked",
  callbackHandler: "at-once",
  deviceQr: false,
  activeCredential: "newest",
  joinsRefresh: false,
  refreshMarginMs: 300_000,
  expiredWithoutRefresh: "used",
  importsIntoNewDatabase: false,
  keyMetadataInBody: true,
  regionDecidesHost: true,
  keylessRequest: "missing-credential",
  hookTools: "record",
  hookOrder: "installed",
  missingHooks: [],
  missingHook: "rejects",
  httpRequestRegistration: "resolves",
  replacedResponse: "ignored",
  redirects: "followed",
  dataUrls: "fetched",
  requestSignal: "never-aborts",
  modelFoldOnConnectionChange: false,
  envOrder: "names",
}

/** The newest version seen, 2.3.0, as far as it is known. */
export const newest: HostBehaviour = {
  ...oldest,
  version: "2.3.0",
  credentialDomain: true,
  connectionStatus: true,
  generateHook: true,
  formWhen: "array",
  newestFields: true,
  authorizeRejection: "general-text",
  deviceQr: true,
  activeCredential: "activated",
  joinsRefresh: true,
  replacedResponse: "used",
}

const VALUES: { readonly [K in keyof HostBehaviour]: readonly HostBehaviour[K][] } = {
  version: ["2.0.0", "2.3.0"],
  credentialDomain: [false, true],
  connectionStatus: [false, true],
  generateHook: [false, true],
  formWhen: ["array", "object"],
  newestFields: [false, true],
  formDefaults: ["filled", "left-out"],
  configuration: ["after-plugins", "before-plugins"],
  authorizeRejection: ["empty", "general-text"],
  oauthResult: ["checked", "unchecked"],
  callbackHandler: ["at-once", "next-turn"],
  deviceQr: [false, true],
  activeCredential: ["newest", "activated"],
  joinsRefresh: [false, true],
  refreshMarginMs: [300_000, 0],
  expiredWithoutRefresh: ["used", "refused"],
  importsIntoNewDatabase: [false, true],
  keyMetadataInBody: [true, false],
  regionDecidesHost: [true, false],
  keylessRequest: ["missing-credential", "unauthenticated"],
  hookTools: ["record", "list"],
  hookOrder: ["installed", "reversed"],
  missingHooks: [[], ...HOOK_NAMES.map((name) => [name]), ["http.request", "http.response"]],
  missingHook: ["rejects", "throws", "ignored"],
  httpRequestRegistration: ["resolves", "never-resolves"],
  replacedResponse: ["used", "ignored"],
  redirects: ["followed", "returned"],
  dataUrls: ["fetched", "refused"],
  requestSignal: ["never-aborts", "aborts"],
  modelFoldOnConnectionChange: [false, true],
  envOrder: ["names", "reversed"],
}

/** A behaviour with its name, for `describe.each`. */
interface Setting {
  readonly name: string
  readonly behaviour: HostBehaviour
}

/** Lists every behaviour that differs from `base` in exactly one switch. */
export function eachSetting(base: HostBehaviour): Setting[] {
  return Object.entries(VALUES).flatMap(([key, values]) =>
    values
      .filter((value) => JSON.stringify(value) !== JSON.stringify(Reflect.get(base, key)))
      .map((value) => ({ name: `${key}: ${JSON.stringify(value)}`, behaviour: { ...base, [key]: value } })),
  )
}

/** Both presets, and every behaviour that differs from one of them in one switch. */
export const SETTINGS: readonly Setting[] = Object.entries({ oldest, newest }).flatMap(([preset, behaviour]) => [
  { name: preset, behaviour },
  ...eachSetting(behaviour).map((setting) => ({ ...setting, name: `${preset} with ${setting.name}` })),
])
