import { CODER_MODEL, type Plan, VISION_MODEL } from "qwen-auth-core/internal"
import { aliasEntry, type ModelEntries, type ModelEntry } from "./model-entry.ts"

/** Adds the Qwen account's two ids. Each stands for the first of the plan's candidates that is there. */
export function withStandIns(plan: Plan, entries: ModelEntries): ModelEntries {
  const all = Object.values(entries)
  const withImages = all.filter(({ capabilities }) => capabilities.input.image)
  return {
    ...standIn(CODER_MODEL.id, [...named(plan.codingModels, entries), ...all]),
    ...standIn(VISION_MODEL.id, [...named(plan.visionModels, entries), ...withImages, ...all]),
    ...entries,
  }
}

function standIn(id: string, [target]: readonly ModelEntry[]): ModelEntries {
  return target === undefined ? {} : { [id]: aliasEntry(id, target, `${id} (${target.name})`) }
}

function named(ids: readonly string[], entries: ModelEntries): ModelEntry[] {
  return ids.flatMap((id) => (Object.hasOwn(entries, id) ? (entries[id] ?? []) : []))
}
