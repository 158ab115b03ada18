import type { ModelCost, ModelFacts, ThinkingOptions } from "./model-facts.ts"
import { MODELS_DEV } from "./models-dev.ts"

/** A list of models in the data: p pay as you go, c Coding Plan, t Token Plan; i international, c China. */
export type ModelList = `${"p" | "c" | "t"}${"i" | "c"}`

/**
 * Reads the published models of a list, in the order of their ids. A line of the data has five parts:
 * `id|name|context/output/input|abilities|list list:price`. `npm run catalogue` writes them.
 */
export function publishedModels(list: ModelList): readonly ModelFacts[] {
  return MODELS_DEV.trim()
    .split("\n")
    .flatMap((line) => {
      const [id = "", name = "", limits = "", abilities = "", places = ""] = line.split("|")
      const place = places.split(" ").find((item) => item.startsWith(list))
      if (place === undefined) return []
      const [contextTokens = 0, outputTokens = 0, inputTokens] = limits.split("/").map(Number)
      const cost = costOf(place.slice(list.length + 1))
      return {
        id,
        name,
        contextTokens,
        ...(inputTokens === undefined ? {} : { inputTokens }),
        outputTokens,
        ...abilitiesOf(abilities),
        ...(cost === undefined ? {} : { cost }),
      }
    })
}

/** `i` image, `v` video, `p` PDF, `r` replays its thinking; then how it thinks: `T262144:low,medium`. */
const ABILITIES = /^(i?)(v?)(p?)(r?)(?:([tT])(\d*)(?::(.+))?)?$/

function abilitiesOf(text: string): Omit<ModelFacts, "id" | "name" | "contextTokens" | "outputTokens"> {
  const [, image, video, pdf, replays, thinks, budget, efforts] = ABILITIES.exec(text) ?? []
  const thinking: ThinkingOptions = {
    toggle: thinks === "T",
    efforts: efforts?.split(",") ?? [],
    ...(budget ? { maxBudgetTokens: Number(budget) } : {}),
  }
  return {
    imageInput: Boolean(image),
    videoInput: Boolean(video),
    pdfInput: Boolean(pdf),
    replaysThinking: Boolean(replays),
    ...(thinks === undefined ? {} : { thinking }),
  }
}

/** `input/output/cacheRead/cacheWrite`; the last two may be missing. */
function costOf(text: string): ModelCost | undefined {
  const prices = text.split("/").map((price) => (price === "" ? undefined : Number(price)))
  const [input, output, cacheRead, cacheWrite] = prices
  if (input === undefined || output === undefined) return undefined
  return {
    input,
    output,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
  }
}
