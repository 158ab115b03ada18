/** The tokens that an answer reports. */
export interface Usage {
  readonly input: number | undefined
  readonly output: number | undefined
}

/** Anthropic's streams report the input at the start, all others everything at the end. */
const HEAD_BYTES = 4_096
const TAIL_BYTES = 8_192

const INPUT = /(?<!\\)"(?:prompt_tokens|input_tokens)"\s*:\s*(\d{1,12})/g
const OUTPUT = /(?<!\\)"(?:completion_tokens|output_tokens)"\s*:\s*(\d{1,12})/g

/** Finds the usage in the start and the end of an answer, without keeping the rest. */
export class UsageWatch {
  #head = ""
  #tail = ""

  add(bytes: Uint8Array): void {
    const part = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (this.#head.length < HEAD_BYTES) this.#head += part.toString("latin1", 0, HEAD_BYTES - this.#head.length)
    const tail = part.toString("latin1", Math.max(0, part.length - TAIL_BYTES))
    this.#tail = (this.#tail + tail).slice(-TAIL_BYTES)
  }

  /** The last counts that were seen. Text of the model cannot look like them: its quotation marks are escaped. */
  result(): Usage {
    return { input: this.#last(INPUT), output: this.#last(OUTPUT) }
  }

  #last(pattern: RegExp): number | undefined {
    const found = [this.#tail, this.#head].map((text) => [...text.matchAll(pattern)].at(-1)?.[1])
    const count = found.find((digits) => digits !== undefined)
    return count === undefined ? undefined : Number(count)
  }
}
