import type { Credential, Platform } from "qwen-auth-core"
import { type ModelFacts, OAUTH_MODELS, planOf, requestModelList } from "qwen-auth-core/internal"
import type { KeyCaches } from "qwen-auth-local/key-caches"
import { EXIT } from "../exit-codes.ts"
import { cancellable } from "../interrupt.ts"
import { openSignIn } from "../sign-in.ts"
import type { World } from "../world.ts"
import type { Call } from "./command.ts"

/** A model as `--json` prints it. Limits in tokens. A fact that is not known is absent. */
interface ListedModel {
  readonly id: string
  readonly name?: string
  readonly context?: number
  readonly output?: number
  readonly images?: boolean
  readonly thinking?: boolean
}

/** Lists the models of the sign-in. */
export async function run({ world, values }: Call): Promise<number> {
  return cancellable(world, async (signal) => {
    const signIn = openSignIn(world, { verbose: values["verbose"] === true })
    const credential = await signIn.credentials.getCredential({ signal })
    const live = values["offline"] === true ? undefined : await liveIds(signIn, credential, signal)
    const models = modelsOf(credential, live)
    const json = values["json"] === true
    world.stdout.write(json ? `${JSON.stringify({ live: live !== undefined, models })}\n` : table(world, models))
    return EXIT.done
  })
}

/** Returns the ids that the service lists for the key; undefined if it lists none now. */
async function liveIds(
  { platform, caches }: { readonly platform: Platform; readonly caches: KeyCaches },
  credential: Credential,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  // The OAuth route has two models, whatever its list says.
  if (credential.type === "oauth") return undefined
  const list = await requestModelList(platform, credential, signal)
  if (list.kind !== "accepted" || list.ids.length === 0) {
    platform.log.debug("The service did not list its models.", { list: list.kind })
    return undefined
  }
  await caches.lists.keep(credential.baseUrl, list.ids)
  return list.ids
}

function modelsOf(credential: Credential, live: readonly string[] | undefined): ListedModel[] {
  if (credential.type === "oauth") return OAUTH_MODELS.map(listed)
  const known = planOf(credential.plan).models
  if (live === undefined) return known.map(listed)
  const offered = known.filter(({ id }) => live.includes(id)).map(listed)
  const others = live.filter((id) => !known.some((facts) => facts.id === id))
  return [...offered, ...others.sort().map((id) => ({ id }))]
}

function listed({ id, name, contextTokens, outputTokens, imageInput, thinking }: ModelFacts): ListedModel {
  return { id, name, context: contextTokens, output: outputTokens, images: imageInput, thinking: Boolean(thinking) }
}

function table({ stdout }: World, models: readonly ListedModel[]): string {
  const yes = (value: boolean | undefined) => (value === undefined ? "?" : value ? "yes" : "no")
  const rows = [
    ["MODEL", "CONTEXT", "OUTPUT", "IMAGES", "THINKING"],
    ...models.map(({ id, context, output, images, thinking }) => [
      id,
      context?.toLocaleString("en") ?? "?",
      output?.toLocaleString("en") ?? "?",
      yes(images),
      yes(thinking),
    ]),
  ]
  // Programs read columns that are separated by tabs more easily.
  if (stdout.isTTY !== true) return rows.map((row) => `${row.join("\t")}\n`).join("")
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? []
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("")
}
