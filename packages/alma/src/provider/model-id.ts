/** How Alma qualifies the ids of this provider's models. */
const QUALIFICATION = /^(?:plugin:)?qwen-auth:qwen:/
/** Alma lists a model under a shorter id than the API's. */
const SHORT_ID = "qwen3-235b-a22b-instruct"
const API_ID = "qwen3-235b-a22b-instruct-2507"

/**
 * Returns the API's id for a model as Alma sends it. Only this plugin's own qualification is removed: the ids of other vendors may
 * contain colons too.
 */
export function apiModelId(id: string): string {
  const own = id.replace(QUALIFICATION, "")
  return own === SHORT_ID ? API_ID : own
}

/** Returns the id under which Alma lists a model of the API. */
export function almaModelId(id: string): string {
  return id === API_ID ? SHORT_ID : id
}
