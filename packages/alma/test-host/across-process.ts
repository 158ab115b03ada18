import type { Behaviour } from "./behaviour.ts"

/**
 * What arrives on the other side of a process boundary.
 * @throws DataCloneError when functions are refused and there is one
 */
export function acrossProcess(value: unknown, functions: Behaviour["functions"]): unknown {
  if (functions === "called") return value
  return structuredClone(functions === "dropped" ? withoutFunctions(value) : value)
}

function withoutFunctions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutFunctions)
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const kept = Object.entries(value).filter(([, member]) => typeof member !== "function")
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutFunctions(member)]))
}
