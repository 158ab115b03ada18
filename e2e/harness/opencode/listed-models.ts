import { readFile } from "node:fs/promises"
import { join } from "node:path"
import * as v from "valibot"
import { runProcess } from "../shared/run-process.ts"
import { opencodeBinary } from "./opencode-binary.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

const TIMEOUT_MS = 150_000
const Facts = v.pipe(v.string(), v.parseJson(), v.looseObject({ name: v.string(), cost: v.looseObject({}) }))

/** A model in the output of `opencode models alibaba --verbose`: its facts as text and parsed. */
export interface ListedModel {
  readonly text: string
  readonly facts: v.InferOutput<typeof Facts>
}

/** The ids that `opencode models alibaba` lists, in its order, without the provider's prefix. */
export async function listedIds(home: ThrowawayHome): Promise<string[]> {
  const lines = (await list(home, [])).trim().split("\n")
  return lines.map((line) => line.replace(/^alibaba\//, ""))
}

/** The output of `opencode models alibaba --verbose`, by model id. */
export async function listedModels(home: ThrowawayHome): Promise<Map<string, ListedModel>> {
  const entries = (await list(home, ["--verbose"])).split(/^alibaba\/(?=\S+$)/m).slice(1)
  return new Map(
    entries.map((entry) => {
      const [id = "", ...lines] = entry.split("\n")
      const text = lines.join("\n")
      return [id, { text, facts: v.parse(Facts, text) }]
    }),
  )
}

/** Writes the list into a file. Through a pipe only about 45 KB arrive, because OpenCode exits before the rest is written (observed). */
async function list(home: ThrowawayHome, more: readonly string[]): Promise<string> {
  const file = join(home.root, "models.txt")
  const command = ['exec "$0" "$@" >"$LISTED"', opencodeBinary, "models", "alibaba", ...more]
  const env = { ...home.env, LISTED: file }
  const { code, output } = await runProcess("sh", ["-c", ...command], { cwd: home.project, env, timeoutMs: TIMEOUT_MS })
  if (code !== 0) throw new Error(`OpenCode did not list its models: ${output}`)
  return readFile(file, "utf8")
}
