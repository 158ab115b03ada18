import { createHash } from "node:crypto"
import type { ChatRequest } from "./chat-request.ts"

/** Qwen's prompt cache as far as a client sees it: a system message marked with `cache_control` is cheap the second time. */
export class PromptCache {
  readonly #seen = new Set<string>()

  /** How many characters of the prompt come from the cache; remembers what was marked. */
  cachedCharacters(request: ChatRequest): number {
    const parts = request.messages.find((message) => message.role === "system")?.parts ?? []
    const last = parts.at(-1)
    if (last?.kind !== "text" || !last.cached) return 0
    const text = parts.map((part) => (part.kind === "text" ? part.text : part.url)).join("\n")
    const key = createHash("sha256").update(`${request.model}\n${text}`).digest("base64")
    if (this.#seen.has(key)) return text.length
    this.#seen.add(key)
    return 0
  }
}
