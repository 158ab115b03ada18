import * as v from "valibot"

/** A function of the plugin. Its arguments and its result are checked where it is called. */
export type Callable = (...args: unknown[]) => unknown

export function isCallable(value: unknown): value is Callable {
  return typeof value === "function"
}

export const CallableSchema = v.custom<Callable>(isCallable, "must be a function")
