import { OAUTH_MODELS, oauthModel, PAY_AS_YOU_GO } from "qwen-auth-core/internal"
import { withAliases } from "./aliases.ts"
import { aliasEntry, type ModelEntries, modelEntry } from "./model-entry.ts"

/**
 * Returns the models of a Qwen account. Every id of OpenCode's own list is accepted; its name says which model answers.
 */
export function accountModels(own: ModelEntries): ModelEntries {
  const others = Object.values(own).map((entry) => {
    const target = oauthModel(entry.id)
    return [entry.id, aliasEntry(entry.id, modelEntry(target), `${entry.name} (answered by ${target.id})`)] as const
  })
  return { ...ofAccount(), ...Object.fromEntries(others) }
}

/** Returns the models that are listed while the user is signed out. Using one asks the user to sign in. */
export function signedOutModels(own: ModelEntries): ModelEntries {
  return { ...ofAccount(), ...own }
}

/** Returns the models for OpenCode's own key: OpenCode's list with the two aliases. */
export function ownModels(own: ModelEntries): ModelEntries {
  return withAliases(PAY_AS_YOU_GO, own)
}

function ofAccount(): ModelEntries {
  return Object.fromEntries(OAUTH_MODELS.map((facts) => [facts.id, modelEntry(facts)]))
}
