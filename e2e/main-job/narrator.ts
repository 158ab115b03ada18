/** Prints the progress of the main job. */
export interface Narrator {
  /** Starts a new step. */
  step(text: string): void
  /** Prints a remark within a step. */
  note(text: string): void
  /** Prints the output of a program as it arrives. */
  screen(text: string): void
}

/** A narrator that prints to standard output. A bar marks the output of programs. */
export function narrator(): Narrator {
  let steps = 0
  let lineOpen = false
  const write = (text: string) => process.stdout.write(text)
  const endLine = () => {
    if (lineOpen) write("\n")
    lineOpen = false
  }
  return {
    step(text) {
      endLine()
      steps += 1
      write(`\n${steps}. ${text}\n`)
    },
    note(text) {
      endLine()
      write(`   ${text}\n`)
    },
    screen(text) {
      for (const piece of text.split(/(?<=\n)/)) {
        if (piece === "") continue
        write(lineOpen ? piece : `   ┃ ${piece}`)
        lineOpen = !piece.endsWith("\n")
      }
    },
  }
}
