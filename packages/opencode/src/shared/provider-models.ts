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

/** What OpenCode's own entries become with a Qwen account: every id can be asked for, and what answers is named. */
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

/** The models of a key's plan; `coder-model` and `vision-model` stand for one of them each. */
export function planModels(plan: Plan, own: ModelEntries, liveIds: readonly string[] | undefined): ModelEntries {
  const known = new Map(plan.models.map((facts) => [facts.id, facts]))
  const described = new Map(Object.entries(own))
  const entriesOf = (ids: readonly string[]) =>
    ids.flatMap((id) => {
      const entry = planEntry(plan, id, known.get(id), described.get(id))
      return entry === undefined ? [] : [[id, entry] as const]
    })
  const catalogue =
    plan.id === PAY_AS_YOU_GO.id ? [...new Set([...known.keys(), ...described.keys()])] : [...known.keys()]
  const offered = entriesOf(inOrder(liveIds ?? [], [...known.keys()]))
  return withAliases(plan, Object.fromEntries(offered.length > 0 ? offered : entriesOf(catalogue)))
}

/** OpenCode's own models and the Qwen account's, for whom nobody is signed in: each asks for a sign-in. */
export function signedOutModels(own: ModelEntries): ModelEntries {
  return { ...Object.fromEntries(OAUTH_MODELS.map((facts) => [facts.id, modelEntry(facts)])), ...own }
}

/** OpenCode's own models, for a key of OpenCode's own. */
export function ownModels(own: ModelEntries): ModelEntries {
  return withAliases(PAY_AS_YOU_GO, own)
}

/** What OpenCode knows of a model that is paid as one goes (its price) goes before what we know. */
function planEntry(
  plan: Plan,
  id: string,
  facts: ModelFacts | undefined,
  own: ModelEntry | undefined,
): ModelEntry | undefined {
  if (own !== undefined && plan.id === PAY_AS_YOU_GO.id) return own
  if (facts !== undefined) return modelEntry(facts)
  if (own !== undefined) return { ...own, cost: { input: 0, output: 0, cache: { read: 0, write: 0 } } }
  return NO_CHAT.test(id) ? undefined : modelEntry(guessed(id))
}

/** Parts of the ids of models that do not chat: a live list names all that an account may use. */
const NO_CHAT =
  /embedding|rerank|image|video|wan|z-|tts|asr|speech|audio|voice|cosy|paraformer|ocr|realtime|omni|-mt-|livetranslate|s2s|i2v|t2[iv]|gui|farui|tongyi/i

/** What can be promised of a model that nobody has described here. */
function guessed(id: string): ModelFacts {
  return {
    id,
    name: id,
    contextTokens: 131_072,
    outputTokens: 8_192,
    imageInput: /-vl|vision/i.test(id),
    thinking: false,
  }
}

function inOrder(ids: readonly string[], preferred: readonly string[]): string[] {
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
