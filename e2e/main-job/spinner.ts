/** Removes repeated spinner frames from a program's output. They overwrite each other only on a terminal. */
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
