/** Passes a program's output on without the repeated frames of its spinner, which only make sense in place. */
export function withoutSpinner(pass: (text: string) => void): (text: string) => void {
  let shown = false
  return (text) => {
    const frame = /^[◒◐◓◑]\s+(.*?)\.*$/.exec(text)
    if (frame === null) {
      if (text !== "") pass(text)
    } else if (!shown) {
      shown = true
      pass(`◒  ${frame[1]} …\n`)
    }
  }
}
