import type { Credential, Platform } from "qwen-auth-core"
import { type ModelFacts, OAUTH_MODELS, offeredModels, requestModelList } from "qwen-auth-core/internal"
import type { KeyCaches } from "qwen-auth-local/key-caches"
import { EXIT } from "../exit-codes.ts"
import { cancellable } from "../interrupt.ts"
import { openSignIn } from "../sign-in.ts"
import type { World } from "../world.ts"
import type { Call } from "./command.ts"

/** A model as `--json` prints it. Limits in tokens. */
interface ListedModel {
  readonly id: string
  readonly name: string
  readonly context: number
  /** The longest input. */
  readonly input: number
  readonly output: number
  readonly images: boolean
  readonly thinking: boolean
}

/** Lists the models of the sign-in. */
export async function run({ world, values }: Call): Promise<number> {
  return cancellable(world, async (signal) => {
    const signIn = openSignIn(world, values)
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
  await caches.lists.remember(credential.baseUrl, list.ids)
  return list.ids
}

function modelsOf(credential: Credential, live: readonly string[] | undefined): ListedModel[] {
  if (credential.type === "oauth") return OAUTH_MODELS.map(listed)
  return offeredModels(credential.plan, credential.region, live).map(listed)
}

function listed(facts: ModelFacts): ListedModel {
  const { id, name, contextTokens, inputTokens = contextTokens, outputTokens, imageInput, thinking } = facts
  return {
    id,
    name,
    context: contextTokens,
    input: inputTokens,
    output: outputTokens,
    images: imageInput,
    thinking: thinking !== undefined,
  }
}

function table({ stdout }: World, models: readonly ListedModel[]): string {
  const yes = (value: boolean) => (value ? "yes" : "no")
  const tokens = (count: number) => count.toLocaleString("en")
  const header = ["MODEL", "CONTEXT", "INPUT", "OUTPUT", "IMAGES", "THINKING"]
  const rows = models.map(({ id, context, input, output, images, thinking }) => [
    id,
    ...[context, input, output].map(tokens),
    ...[images, thinking].map(yes),
  ])
  const all = [header, ...rows]
  // Programs read columns that are separated by tabs more easily.
  if (stdout.isTTY !== true) return all.map((row) => `${row.join("\t")}\n`).join("")
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)))
  const padded = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")
  return all.map((row) => `${padded(row).trimEnd()}\n`).join("")
}
