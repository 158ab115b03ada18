import type { HostClock } from "./clock.ts"
import { type Callable, errorMessage, type Violations } from "./violations.ts"

/** ms by which `reload` waits for more calls. */
const DEBOUNCE_MS = 500

interface FoldOptions<State> {
  /** The name in error messages, for example `provider`. */
  readonly name: string
  readonly violations: Violations
  readonly clock: HostClock
  /** The state before any transform. */
  readonly start: () => State
  /** Creates the editor of a state. It must refuse any use when `alive` gives `false`. */
  readonly editor: (state: State, alive: () => boolean) => object
  /** Changes the state before the plugins' transforms. */
  readonly before?: (state: State) => void
  /** Changes the state after the plugins' transforms. */
  readonly after?: (state: State) => void
  /** What two folds must have in common, as JSON. */
  readonly snapshot: (state: State) => unknown
  /** Called after every fold. */
  readonly changed?: () => void
}

/** The state that transforms make. */
export interface Fold<State> {
  /** Adds a transform and folds again. @returns a function that removes it */
  add(callback: Callable): () => void
  /** Folds from nothing. */
  replay(): void
  /** Folds from nothing after 500 ms without another call. */
  reload(): Promise<void>
  /** @throws the error of a transform, as long as it fails */
  read(): State
}

/** Replays the transforms from nothing, each time twice: the second result must be the same. */
export function transformFold<State>(options: FoldOptions<State>): Fold<State> {
  const { name, violations, clock, start, editor, before, after, snapshot, changed } = options
  const callbacks = new Set<{ readonly callback: Callable }>()
  let outcome: { state: State } | { error: unknown } = { state: start() }
  let reload: Promise<void> | undefined
  let calls = 0

  function fold(): State {
    const state = start()
    before?.(state)
    for (const { callback } of callbacks) {
      let alive = true
      try {
        const result = callback(editor(state, () => alive))
        if (result instanceof Promise) {
          result.catch(() => {})
          violations.note(`${name}.transform: the callback is not synchronous`)
        }
      } finally {
        alive = false
      }
    }
    after?.(state)
    return state
  }

  function replay(): void {
    try {
      const state = fold()
      if (JSON.stringify(snapshot(state)) !== JSON.stringify(snapshot(fold())))
        violations.note(`${name}.transform: a replay gave another result`)
      outcome = { state }
    } catch (error) {
      violations.note(`${name}.transform: the callback threw: ${errorMessage(error)}`)
      outcome = { error }
    }
    changed?.()
  }

  async function debounced(): Promise<void> {
    for (let seen = -1; seen !== calls; ) {
      seen = calls
      await clock.pause(DEBOUNCE_MS)
    }
    reload = undefined
    replay()
  }

  replay()
  return {
    replay,
    add(callback) {
      const entry = { callback }
      callbacks.add(entry)
      replay()
      return () => {
        if (callbacks.delete(entry)) replay()
      }
    },
    reload() {
      calls++
      reload ??= debounced()
      return reload
    },
    read() {
      if ("error" in outcome) throw outcome.error
      return outcome.state
    },
  }
}
