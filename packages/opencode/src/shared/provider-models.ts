import {
  CODER_MODEL,
  type ModelFacts,
  OAUTH_MODELS,
  oauthModel,
  PAY_AS_YOU_GO,
  type Plan,
  VISION_MODEL,
} from "qwen-auth-core/internal"
import { aliasEntry, type ModelEntry, modelEntry } from "./model-entry.ts"

/** OpenCode's models by their ids. */
export type ModelEntries = Record<string, ModelEntry>

/**
 * Returns the models of a Qwen account. Every id of OpenCode's own list is accepted; its name says which model answers.
 */
export function accountModels(own: ModelEntries): ModelEntries {
  const others = Object.values(own).map((entry) => {
    const target = oauthModel(entry.id)
    return [entry.id, aliasEntry(entry.id, modelEntry(target), `${entry.name} (answered by ${target.id})`)] as const
  })
  return {
    ...Object.fromEntries(OAUTH_MODELS.map((facts) => [facts.id, modelEntry(facts)])),
    ...Object.fromEntries(others),
  }
}

/**
 * Returns the models of a key's plan. `coder-model` and `vision-model` are aliases of two of them.
 * @param liveIds the ids that the service listed for the key; undefined if they are unknown
 */
export function planModels(plan: Plan, own: ModelEntries, liveIds: readonly string[] | undefined): ModelEntries {
  const known = new Map(plan.models.map((facts) => [facts.id, facts]))
  const hostModels = new Map(Object.entries(own))
  const entriesOf = (ids: readonly string[]) =>
    ids.flatMap((id) => {
      const entry = planEntry(plan, id, known.get(id), hostModels.get(id))
      return entry === undefined ? [] : [[id, entry] as const]
    })
  const catalogue =
    plan.id === PAY_AS_YOU_GO.id ? [...new Set([...known.keys(), ...hostModels.keys()])] : [...known.keys()]
  const offered = entriesOf(sortIds(liveIds ?? [], [...known.keys()]))
  return withAliases(plan, Object.fromEntries(offered.length > 0 ? offered : entriesOf(catalogue)))
}

/** Returns the models that are listed while the user is signed out. Using one asks the user to sign in. */
export function signedOutModels(own: ModelEntries): ModelEntries {
  return { ...Object.fromEntries(OAUTH_MODELS.map((facts) => [facts.id, modelEntry(facts)])), ...own }
}

/** Returns the models for OpenCode's own key: OpenCode's list with the two aliases. */
export function ownModels(own: ModelEntries): ModelEntries {
  return withAliases(PAY_AS_YOU_GO, own)
}

/** For pay as you go, OpenCode's own entry takes precedence because it has the price. */
function planEntry(
  plan: Plan,
  id: string,
  facts: ModelFacts | undefined,
  own: ModelEntry | undefined,
): ModelEntry | undefined {
  if (own !== undefined && plan.id === PAY_AS_YOU_GO.id) return own
  if (facts !== undefined) return modelEntry(facts)
  if (own !== undefined) return { ...own, cost: { input: 0, output: 0, cache: { read: 0, write: 0 } } }
  return NOT_CHAT.test(id) ? undefined : modelEntry(unknownModel(id))
}

/** Matches ids of models without chat, because the service lists all models that an account may use. */
const NOT_CHAT =
  /embedding|rerank|image|video|wan|z-|tts|asr|speech|audio|voice|cosy|paraformer|ocr|realtime|omni|-mt-|livetranslate|s2s|i2v|t2[iv]|gui|farui|tongyi/i

/** Conservative facts for a model that is not in any catalogue. */
function unknownModel(id: string): ModelFacts {
  return {
    id,
    name: id,
    contextTokens: 131_072,
    outputTokens: 8_192,
    imageInput: /-vl|vision/i.test(id),
    videoInput: false,
    pdfInput: false,
    replaysThinking: false,
  }
}

function sortIds(ids: readonly string[], preferred: readonly string[]): string[] {
  const offered = new Set(ids)
  return [...preferred.filter((id) => offered.has(id)), ...[...offered].filter((id) => !preferred.includes(id)).sort()]
}

function withAliases(plan: Plan, entries: ModelEntries): ModelEntries {
  const alias = (id: string, candidates: readonly string[]): ModelEntries => {
    const known = candidates.filter((candidate) => Object.hasOwn(entries, candidate))
    const target = [...known.map((candidate) => entries[candidate]), ...Object.values(entries)][0]
    return target === undefined ? {} : { [id]: aliasEntry(id, target, `${id} (${target.name})`) }
  }
  return {
    ...alias(CODER_MODEL.id, plan.codingModels),
    ...alias(VISION_MODEL.id, plan.visionModels),
    ...entries,
  }
}
