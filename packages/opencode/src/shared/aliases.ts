import { CODER_MODEL, type Plan, VISION_MODEL } from "qwen-auth-core/internal"
import { aliasEntry, type ModelEntries, type ModelEntry } from "./model-entry.ts"

/** Adds the Qwen account's two ids. Each is an alias of the first listed candidate of the plan. */
export function withAliases(plan: Plan, entries: ModelEntries): ModelEntries {
  const all = Object.values(entries)
  const withImages = all.filter(({ capabilities }) => capabilities.input.image)
  return {
    ...alias(CODER_MODEL.id, [...named(plan.codingModels, entries), ...all]),
    ...alias(VISION_MODEL.id, [...named(plan.visionModels, entries), ...withImages, ...all]),
    ...entries,
  }
}

function alias(id: string, [target]: readonly ModelEntry[]): ModelEntries {
  return target === undefined ? {} : { [id]: aliasEntry(id, target, `${id} (${target.name})`) }
}

function named(ids: readonly string[], entries: ModelEntries): ModelEntry[] {
  return ids.flatMap((id) => (Object.hasOwn(entries, id) ? (entries[id] ?? []) : []))
}
