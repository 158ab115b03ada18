import { createInterface } from "node:readline"

/**
 * Prints `{"id":0,"result":"ready"}`, then answers each JSON line `{"id","do":"use"}` on standard input with the result or the error of
 * `use`. `{"do":"exit"}` or the end of the input ends the process.
 * @param {() => Promise<object>} use
 */
export async function answerLines(use) {
  /** @param {object} document */
  const print = (document) => process.stdout.write(`${JSON.stringify(document)}\n`)
  /** @param {number} id */
  const answer = async (id) => {
    try {
      print({ id, result: await use() })
    } catch (error) {
      print({ id, error: String(error) })
    }
  }
  print({ id: 0, result: "ready" })
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, do: what } = JSON.parse(line)
    if (what === "exit") process.exit()
    void answer(id)
  }
  process.exit()
}
