import type { JsonObject } from "../json.ts"
import { objectIn, type SimulatorUnderTest } from "./simulator-under-test.ts"

/** A new key and its endpoint. */
export interface MadeKey {
  key: string
  base: string
  host: string
}

/** Creates a key and returns it with its base URL for a client without a proxy. */
export async function made({ origin, control }: SimulatorUnderTest, document: JsonObject): Promise<MadeKey> {
  const { body } = await control("api-key", document)
  const host = String(body["host"])
  const base = String(body["base_url"]).replace("https://", `${origin}/_hosts/`)
  return { key: String(body["key"]), base, host }
}

export interface Refusal {
  status: number
  error: JsonObject
}

/** Status and error of a refusal. */
export async function readRefusal(response: Response): Promise<Refusal> {
  return { status: response.status, error: objectIn(objectIn(await response.json())["error"]) }
}

/** The model list for a key. */
export function models(base: string, key: unknown): Promise<Response> {
  return fetch(`${base}/models`, { headers: { authorization: `Bearer ${key}` } })
}

/** Sends a chat request as OpenCode does. The body is merged into a valid one. */
export function chat(base: string, key: unknown, change: JsonObject = {}, headers: Record<string, string> = {}) {
  const body = { model: "qwen3-coder-plus", messages: [{ role: "user", content: "What is 6 * 7?" }], ...change }
  const sent = { "user-agent": "opencode/1.18.33", authorization: `Bearer ${key}`, ...headers }
  return fetch(`${base}/chat/completions`, { method: "POST", headers: sent, body: JSON.stringify(body) })
}
