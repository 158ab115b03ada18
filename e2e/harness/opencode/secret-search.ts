import { readFile } from "node:fs/promises"
import { relative } from "node:path"
import * as v from "valibot"
import { filesBelow } from "../shared/files-below.ts"
import type { LoggedRequest } from "../shared/simulator-process.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** A part of a secret that is found is a leak too: what is left is guessed, or stands elsewhere. */
const PART = 16

/** Secrets by their value, each with a word for what it is: a finding is told without showing it. */
export class Secrets {
  readonly #kinds = new Map<string, string>()

  /** A value that is known already keeps its first word. */
  add(kind: string, ...values: readonly (string | undefined)[]): void {
    for (const value of values) if (value && !this.#kinds.has(value)) this.#kinds.set(value, kind)
  }

  /** What requests carried: credentials, and what a sign-in keeps to itself. */
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

  /** What OpenCode's record and the plugin's file hold now. */
  async addStored(home: ThrowawayHome): Promise<void> {
    for (const file of [home.authFile, home.tokenFile]) {
      const text = await readFile(file, "utf8").catch(() => "")
      this.add("stored secret", ...(text.match(/(?<=")(?:sk-[\w-]{8,}|[\w-]{43})(?=")/g) ?? []))
    }
  }

  get kinds(): readonly string[] {
    return [...new Set(this.#kinds.values())].sort()
  }

  /** All of them; not to be shown. */
  get all(): readonly string[] {
    return [...this.#kinds.keys()]
  }

  /** The kinds of secrets of which at least a part stands in a text. */
  in(text: string): string[] {
    const found = [...this.#kinds].filter(([secret]) => partsOf(secret).some((part) => text.includes(part)))
    return [...new Set(found.map(([, kind]) => kind))].sort()
  }

  /** Every file in the home with a secret in it, but for the two where they belong: `<path>: <kinds>`. */
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

/** Pieces such that one of them is in each longer piece of the secret. */
function partsOf(secret: string): string[] {
  if (secret.length < 2 * PART) return [secret]
  const starts = Array.from({ length: Math.floor((secret.length - PART) / (PART / 2)) + 1 }, (_, n) => (n * PART) / 2)
  return starts.map((start) => secret.slice(start, start + PART))
}
