import { readFile } from "node:fs/promises"
import { relative } from "node:path"
import * as v from "valibot"
import { filesBelow } from "../shared/files-below.ts"
import type { LoggedRequest } from "../shared/simulator-process.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** A part of a secret of this length counts as a leak too, because the rest could be guessed or found elsewhere. */
const PART = 16

/** Secrets and their kinds. A finding is reported by its kind, without the secret. */
export class Secrets {
  readonly #kinds = new Map<string, string>()

  /** Adds secrets. A secret that was already added keeps its first kind. */
  add(kind: string, ...values: readonly (string | undefined)[]): void {
    for (const value of values) if (value && !this.#kinds.has(value)) this.#kinds.set(value, kind)
  }

  /** Adds the secrets in requests: credentials, device codes, code verifiers and refresh tokens. */
  addSent(requests: readonly LoggedRequest[]): void {
    for (const { headers, body } of requests) {
      this.add("credential", String(headers["authorization"] ?? "").replace(/^Bearer /, ""))
      const form = v.safeParse(Form, body)
      if (!form.success) continue
      this.add("device code", form.output.device_code)
      this.add("code verifier", form.output.code_verifier)
      this.add("refresh token", form.output.refresh_token)
    }
  }

  /** Adds the secrets that are now in OpenCode's record and in the plugin's file. */
  async addStored(home: ThrowawayHome): Promise<void> {
    for (const file of [home.authFile, home.tokenFile]) {
      const text = await readFile(file, "utf8").catch(() => "")
      this.add("stored secret", ...(text.match(/(?<=")(?:sk-[\w-]{8,}|[\w-]{43})(?=")/g) ?? []))
    }
  }

  get kinds(): readonly string[] {
    return [...new Set(this.#kinds.values())].sort()
  }

  /** All secrets. Do not print them. */
  get all(): readonly string[] {
    return [...this.#kinds.keys()]
  }

  /** The kinds of secrets of which the text contains at least a part. */
  in(text: string): string[] {
    const found = [...this.#kinds].filter(([secret]) => partsOf(secret).some((part) => text.includes(part)))
    return [...new Set(found.map(([, kind]) => kind))].sort()
  }

  /** The files in the home that contain a secret, except the two credential files, as `<path>: <kinds>`. */
  async inFilesOf(home: ThrowawayHome): Promise<string[]> {
    const files = (await filesBelow(home.root)).filter((file) => file !== home.authFile && file !== home.tokenFile)
    const found = files.map(async (file) => {
      const kinds = this.in(await readFile(file, "latin1"))
      return kinds.length === 0 ? [] : [`${relative(home.root, file)}: ${kinds.join(", ")}`]
    })
    return (await Promise.all(found)).flat().sort()
  }
}

const Form = v.object({
  device_code: v.optional(v.string()),
  code_verifier: v.optional(v.string()),
  refresh_token: v.optional(v.string()),
})

/** Overlapping parts of the secret. Every substring of 1.5 times {@link PART} contains one of them. */
function partsOf(secret: string): string[] {
  if (secret.length < 2 * PART) return [secret]
  const starts = Array.from({ length: Math.floor((secret.length - PART) / (PART / 2)) + 1 }, (_, n) => (n * PART) / 2)
  return starts.map((start) => secret.slice(start, start + PART))
}
