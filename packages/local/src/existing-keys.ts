import {
  fieldsOf,
  isApiKey,
  normalizeApiKey,
  PLAN_IDS,
  parseApiEndpoint,
  parseJsonObject,
  REGIONS,
  readTextFileSync,
} from "qwen-auth-core/internal"
import type { Paths } from "./paths.ts"
import type { StoredKey } from "./stored-key.ts"

/** The files that may contain an API key. */
export type KeyFiles = Pick<Paths, "tokenFile" | "openCodeAuthFile" | "bailianConfigFile" | "qwenCloudConfigFile">

/** An API key that another program stored on this computer. It is copied when the user chooses it, not before. */
export interface ExistingKey {
  readonly kind: "key"
  readonly id: string
  /** Where the key was found. */
  readonly label: string
}

interface KeySource {
  readonly id: string
  /** Where the key is, for the label. */
  readonly origin: string
  readonly file: keyof KeyFiles
  /** Returns the key in the content of the file. Parses by hand, because a host may list the keys at its start. */
  readonly parse: (text: string) => StoredKey | undefined
}

/** OpenCode's own providers for these keys, by their ids in its `auth.json`. */
const OPENCODE_PROVIDERS = {
  "alibaba-coding-plan": { plan: "coding-plan", region: "international" },
  "alibaba-coding-plan-cn": { plan: "coding-plan", region: "china" },
  "alibaba-token-plan": { plan: "token-plan", region: "international" },
  "alibaba-token-plan-cn": { plan: "token-plan", region: "china" },
  "alibaba-cn": { plan: "pay-as-you-go", region: "china" },
} as const satisfies Record<string, StoredKey["hint"]>

const SOURCES: readonly KeySource[] = [
  { id: "own-key", origin: "of the qwen-auth command", file: "tokenFile", parse: parseOwnKey },
  ...Object.entries(OPENCODE_PROVIDERS).map(
    ([provider, hint]): KeySource => ({
      id: `opencode-${provider}`,
      origin: `of OpenCode's provider ${provider}`,
      file: "openCodeAuthFile",
      parse: (text) => parseOpenCodeKey(text, provider, hint),
    }),
  ),
  { id: "bailian", origin: "in ~/.bailian/config.json", file: "bailianConfigFile", parse: parseConfig },
  { id: "qwencloud", origin: "in ~/.qwencloud/config.json", file: "qwenCloudConfigFile", parse: parseConfig },
]

/** Returns the keys of other programs on this computer. Each file is read once, synchronously. */
export function existingKeys(files: KeyFiles): ExistingKey[] {
  const texts = new Map<keyof KeyFiles, string>()
  const read = (file: keyof KeyFiles) => {
    const text = texts.get(file) ?? readText(files[file])
    texts.set(file, text)
    return text
  }
  const found = SOURCES.filter(({ file, parse }) => parse(read(file)) !== undefined)
  return found.map(({ id, origin }) => ({ kind: "key", id, label: `Found: API key ${origin}` }))
}

/** Reads the key again that {@link existingKeys} found. Returns undefined if it is no longer there. */
export function readExistingKey(files: KeyFiles, id: string): StoredKey | undefined {
  const source = SOURCES.find((each) => each.id === id)
  return source?.parse(readText(files[source.file]))
}

/**
 * Returns the key in OpenCode's own record of the provider `alibaba`. The OpenCode plugin uses that record itself, so it
 * is offered to other programs only.
 */
export function openCodeKey({ openCodeAuthFile }: Pick<KeyFiles, "openCodeAuthFile">): StoredKey | undefined {
  const text = readText(openCodeAuthFile)
  const key = parseOpenCodeKey(text, "alibaba", undefined)
  // The OpenCode plugin stores this beside a key whose endpoint it detected.
  const { baseUrl } = fieldsOf(fieldsOf(parseJsonObject(text)?.["alibaba"])?.["metadata"]) ?? {}
  return key && withEndpoint(key, baseUrl)
}

function readText(path: string): string {
  try {
    return readTextFileSync(path)
  } catch {
    return ""
  }
}

function parseOwnKey(text: string): StoredKey | undefined {
  const { version = 1, type, api_key: apiKey, base_url: baseUrl, ...names } = parseJsonObject(text) ?? {}
  const plan = PLAN_IDS.find((id) => id === names["plan"])
  const region = REGIONS.find((id) => id === names["region"])
  if (version !== 1 || type !== "api_key" || plan === undefined || region === undefined) return undefined
  if (typeof apiKey !== "string" || !isApiKey(apiKey) || typeof baseUrl !== "string") return undefined
  return { apiKey, endpoint: { plan, region, baseUrl } }
}

function parseOpenCodeKey(text: string, provider: string, hint: StoredKey["hint"]): StoredKey | undefined {
  const entries = parseJsonObject(text) ?? {}
  const { type, key } = (Object.hasOwn(entries, provider) ? fieldsOf(entries[provider]) : undefined) ?? {}
  const apiKey = type === "api" ? parseKey(key) : undefined
  return apiKey === undefined ? undefined : { apiKey, hint }
}

/** Parses the configuration of the official command. */
function parseConfig(text: string): StoredKey | undefined {
  const { api_key, base_url: address } = parseJsonObject(text) ?? {}
  const apiKey = parseKey(api_key)
  return apiKey === undefined ? undefined : withEndpoint({ apiKey }, address)
}

/** Adds the endpoint at an address; none if the address is missing or not allowed for a key. */
function withEndpoint(key: StoredKey, address: unknown): StoredKey {
  try {
    return typeof address === "string" ? { ...key, endpoint: parseApiEndpoint(address) } : key
  } catch {
    return key
  }
}

function parseKey(value: unknown): string | undefined {
  const apiKey = typeof value === "string" ? normalizeApiKey(value) : ""
  return isApiKey(apiKey) ? apiKey : undefined
}
