import { MODELS_DEV_PRICES } from "./models-dev-prices.ts"
import type { Region } from "./plans.ts"

/** The price of a model for pay as you go, US dollars per million tokens. */
export interface ModelPrice {
  readonly input: number
  readonly output: number
  readonly cacheRead?: number | undefined
  readonly cacheWrite?: number | undefined
}

/**
 * Returns the published price of a model for pay as you go. Prices outside China are the international ones. A line of
 * the data is `id|international|china`, and a price is `input/output/cacheRead/cacheWrite`, of which the last two may be
 * missing.
 * @param id the API's id, in its case
 * @returns undefined if the price is unknown
 */
export function modelPrice(region: Region, id: string): ModelPrice | undefined {
  const line = MODELS_DEV_PRICES.split("\n").find((text) => text.startsWith(`${id}|`)) ?? ""
  const [, international = "", china = ""] = line.split("|")
  const numbers = (region === "china" ? china : international)
    .split("/")
    .map((text) => (text === "" ? undefined : Number(text)))
  const [input, output, cacheRead, cacheWrite] = numbers
  return input === undefined || output === undefined ? undefined : { input, output, cacheRead, cacheWrite }
}
