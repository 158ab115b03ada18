/** An event, as `event.subscribe` gives it. */
interface HostEvent {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** One subscription. */
interface EventStream extends AsyncIterable<HostEvent> {
  /** Ends the stream after the events that it holds. */
  end(): void
}

/** Delivers events to every directory of a process. */
export interface EventHub {
  emit(type: string, data: Readonly<Record<string, unknown>>): void
  /** Calls `listener` for every event, before any stream gets it. */
  listen(listener: (event: HostEvent) => void): () => void
  subscribe(signal: AbortSignal | undefined): EventStream
  /** The number of streams that have not ended. */
  open(): number
}

export function eventHub(): EventHub {
  const listeners = new Set<(event: HostEvent) => void>()
  const streams = new Set<{ push(event: HostEvent): void }>()
  return {
    emit(type, data) {
      const event = { type, data: structuredClone(data) }
      for (const listener of [...listeners]) listener(event)
      for (const stream of [...streams]) stream.push(event)
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    open: () => streams.size,
    subscribe(signal) {
      const held: HostEvent[] = []
      let wake = () => {}
      let ended = false
      const source = {
        push(event: HostEvent) {
          held.push(event)
          wake()
        },
      }
      const end = () => {
        ended = true
        streams.delete(source)
        wake()
      }
      streams.add(source)
      if (signal?.aborted === true) end()
      signal?.addEventListener("abort", end, { once: true })
      return {
        end,
        async *[Symbol.asyncIterator]() {
          try {
            for (;;) {
              const event = held.shift()
              if (event !== undefined) yield event
              else if (ended) return
              else await new Promise<void>((resolve) => (wake = resolve))
            }
          } finally {
            end()
          }
        },
      }
    },
  }
}
