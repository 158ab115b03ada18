import * as v from "valibot"
import type { Behaviour } from "./behaviour.ts"

const Text = v.pipe(v.string(), v.trim(), v.minLength(1, "must not be empty"))
const Id = v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "must be lower case words joined by -"))
const SEMVER = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/
/** The permissions that published manifests name. */
const PLAIN_PERMISSIONS = [
  "network:fetch",
  "network:localhost",
  "providers:manage",
  "notifications",
  "settings:read",
  "settings:write",
  "storage:secrets",
  "tools:register",
  "chat:read",
  "filesystem:read",
]
const DOMAIN = /^network:domain:(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/

const Permission = v.pipe(
  v.string(),
  v.check((name) => PLAIN_PERMISSIONS.includes(name) || DOMAIN.test(name), "is not a known permission"),
)

const Setting = v.strictObject({
  type: v.picklist(["string", "boolean", "number"]),
  default: v.union([v.string(), v.boolean(), v.number()]),
  description: Text,
  enum: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
})

/** A setting that the manifest declares. */
export type DeclaredSetting = v.InferOutput<typeof Setting>

/** Whether `value` is valid for the setting. */
export function fitsSetting(declared: DeclaredSetting, value: unknown): boolean {
  const listed = declared.enum === undefined || (typeof value === "string" && declared.enum.includes(value))
  return typeof value === declared.type && listed
}

const WorkingSetting = v.pipe(
  Setting,
  v.check((setting) => fitsSetting(setting, setting.default), "the default is not of its type"),
)

const unique = <T extends { readonly id: string }>(entries: readonly T[]) =>
  new Set(entries.map(({ id }) => id)).size === entries.length

/**
 * The schema of `manifest.json`. Keys that no published plugin has are refused.
 */
export const Manifest = v.pipe(
  v.strictObject({
    id: Id,
    name: Text,
    version: v.pipe(v.string(), v.regex(SEMVER, "must be a semantic version")),
    description: Text,
    author: v.union([
      Text,
      v.strictObject({ name: Text, email: v.optional(Text), url: v.optional(v.pipe(v.string(), v.url())) }),
    ]),
    main: v.pipe(v.string(), v.regex(/^(?:[\w-]+\/)*[\w-]+\.m?js$/, "must be a file in the folder")),
    icon: v.optional(Text),
    homepage: v.optional(v.pipe(v.string(), v.url())),
    repository: v.optional(Text),
    license: v.optional(Text),
    engines: v.strictObject({ alma: v.pipe(v.string(), v.regex(/^\^0\.1\.\d+$/, "must admit Alma's API 0.1")) }),
    type: v.literal("provider"),
    permissions: v.pipe(
      v.array(Permission),
      v.check((all) => new Set(all).size === all.length, "must be unique"),
    ),
    activationEvents: v.tuple([v.literal("onStartup")]),
    contributes: v.strictObject({
      providers: v.pipe(
        v.array(v.strictObject({ id: Id, name: Text, icon: v.optional(Text), authType: v.optional(Text) })),
        v.minLength(1),
        v.check(unique, "ids must be unique"),
      ),
      commands: v.pipe(
        v.array(v.strictObject({ id: Text, title: Text, category: v.optional(Text) })),
        v.check(unique, "ids must be unique"),
      ),
      configuration: v.optional(
        v.strictObject({
          title: Text,
          properties: v.record(v.pipe(v.string(), v.regex(/^[a-z][A-Za-z0-9-]*\.[A-Za-z0-9.]+$/)), WorkingSetting),
        }),
      ),
    }),
    keywords: v.optional(v.array(Text)),
  }),
  v.check(
    ({ id, contributes }) => contributes.commands.every((command) => command.id.startsWith(`${id}.`)),
    "command ids must begin with the plugin's id",
  ),
)

/** A plugin's parsed manifest. */
export type Manifest = v.InferOutput<typeof Manifest>

/**
 * Whether the manifest permits requests to a host. A permission names one host exactly. What else it covers is not known: with
 * `wildcards`, `*.example.com` covers every host below `example.com`, but not `example.com` itself; with `parents`, `example.com` does,
 * and a wildcard means nothing.
 */
export function permitsHost(
  { permissions }: Pick<Manifest, "permissions">,
  hostname: string,
  domains: Behaviour["domains"],
): boolean {
  return permissions.some((permission) => {
    const domain = permission.startsWith("network:domain:") ? permission.slice("network:domain:".length) : undefined
    if (domain === undefined) return false
    if (domain === hostname) return true
    if (domains === "parents") return hostname.endsWith(`.${domain}`)
    return domain.startsWith("*.") && hostname.endsWith(domain.slice(1))
  })
}
