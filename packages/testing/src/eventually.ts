import { vi } from "vitest"

/** Repeats a check until it passes. The limit ends a test that hangs; a busy machine must not exceed it. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { interval: 5, timeout: 12_000 })
}
