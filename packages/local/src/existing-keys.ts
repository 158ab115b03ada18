import {
  isApiKey,
  normalizeApiKey,
  parseApiEndpoint,
  parseJsonText,
  parseStoredCredential,
  readTextFileSync,
} from "qwen-auth-core/internal"
import * as v from "valibot"
import type { Settings } from "./settings.ts"
import type { StoredKey } from "./stored-key.ts"

/** The files that may contain an API key. */
export type KeyFiles = Pick<Settings, "tokenFile" | "openCodeAuthFile" | "bailianConfigFile" | "qwenCloudConfigFile">

/** An API key that another program stored on this computer. It is copied when the user chooses it, not before. */
export interface ExistingKey {
  readonly kind: "key"
  readonly id: string
  /** Where the key was found. */
  readonly label: string
}

interface KeySource extends ExistingKey {
  readonly file: keyof KeyFiles
  /** Returns the key in the content of the file. */
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
  {
    kind: "key",
    id: "own-key",
    label: "Found: API key of the qwen-auth command",
    file: "tokenFile",
    parse: parseOwnKey,
  },
  ...Object.entries(OPENCODE_PROVIDERS).map(
    ([provider, hint]): KeySource => ({
      kind: "key",
      id: `opencode-${provider}`,
      label: `Found: API key of OpenCode's provider ${provider}`,
      file: "openCodeAuthFile",
      parse: (text) => parseOpenCodeKey(text, provider, hint),
    }),
  ),
  {
    kind: "key",
    id: "bailian",
    label: "Found: API key in ~/.bailian/config.json",
    file: "bailianConfigFile",
    parse: parseConfig,
  },
  {
    kind: "key",
    id: "qwencloud",
    label: "Found: API key in ~/.qwencloud/config.json",
    file: "qwenCloudConfigFile",
    parse: parseConfig,
  },
]

/** Returns the keys of other programs on this computer. Each file is read once, synchronously. */
export function existingKeys(files: KeyFiles): ExistingKey[] {
  const texts = new Map<keyof KeyFiles, string>()
  const read = (file: keyof KeyFiles) => {
    const text = texts.get(file) ?? readText(files[file])
    texts.set(file, text)
    return text
  }
  return SOURCES.filter(({ file, parse }) => parse(read(file)) !== undefined).map(({ kind, id, label }) => ({
    kind,
    id,
    label,
  }))
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
  const parsed = v.safeParse(ResolvedRecord, parseJsonText(text))
  if (key === undefined || !parsed.success) return key
  try {
    return { ...key, endpoint: parseApiEndpoint(parsed.output.alibaba.metadata.baseUrl) }
  } catch {
    return key
  }
}

/** What the OpenCode plugin stores beside a key whose endpoint it found. */
const ResolvedRecord = v.object({ alibaba: v.object({ metadata: v.object({ baseUrl: v.string() }) }) })

function readText(path: string): string {
  try {
    return readTextFileSync(path)
  } catch {
    return ""
  }
}

function parseOwnKey(text: string): StoredKey | undefined {
  const stored = parseStoredCredential(text)
  if (typeof stored !== "object" || stored.type !== "api_key") return undefined
  const { apiKey, plan, region, baseUrl } = stored
  return { apiKey, endpoint: { plan, region, baseUrl } }
}

const Key = v.pipe(v.string(), v.transform(normalizeApiKey), v.check(isApiKey))
const OpenCodeEntry = v.object({ type: v.literal("api"), key: Key })
const Entries = v.record(v.string(), v.unknown())
const Config = v.object({ api_key: Key, base_url: v.fallback(v.optional(v.string()), undefined) })

function parseOpenCodeKey(text: string, provider: string, hint: StoredKey["hint"]): StoredKey | undefined {
  const entries = v.safeParse(Entries, parseJsonText(text))
  const entry = entries.success && Object.hasOwn(entries.output, provider) ? entries.output[provider] : undefined
  const parsed = v.safeParse(OpenCodeEntry, entry)
  return parsed.success ? { apiKey: parsed.output.key, ...(hint === undefined ? {} : { hint }) } : undefined
}

/** The configuration of the official command. Its address may be missing, or one to which a key must not be sent. */
function parseConfig(text: string): StoredKey | undefined {
  const parsed = v.safeParse(Config, parseJsonText(text))
  if (!parsed.success) return undefined
  const { api_key: apiKey, base_url: address } = parsed.output
  try {
    return address === undefined ? { apiKey } : { apiKey, endpoint: parseApiEndpoint(address) }
  } catch {
    return { apiKey }
  }
}
