import * as v from "valibot"

/** A function of the plugin's: what it takes and gives is checked where it is called. */
export type Callable = (...given: unknown[]) => unknown

export function isCallable(value: unknown): value is Callable {
  return typeof value === "function"
}

export const CallableSchema = v.custom<Callable>(isCallable, "must be a function")
