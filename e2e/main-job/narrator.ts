/** Tells the person at the terminal what happens. */
export interface Narrator {
  /** A new step begins. */
  step(text: string): void
  /** A remark within a step. */
  note(text: string): void
  /** What a program put on its screen, as it comes. */
  screen(text: string): void
}

/** A narrator on standard output. Programs' output is set apart by a bar. */
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
