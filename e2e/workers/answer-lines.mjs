import { createInterface } from "node:readline"

/**
 * Answers lines of JSON on standard input, `{"id","do":"use"}` with what `use` gives or how it failed, until `{"do":"exit"}` or the
 * end of the input ends the process. Says `{"id":0,"result":"ready"}` first.
 * @param {() => Promise<object>} use
 */
export async function answerLines(use) {
  /** @param {object} document */
  const say = (document) => process.stdout.write(`${JSON.stringify(document)}\n`)
  /** @param {number} id */
  const answer = async (id) => {
    try {
      say({ id, result: await use() })
    } catch (error) {
      say({ id, error: String(error) })
    }
  }
  say({ id: 0, result: "ready" })
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, do: what } = JSON.parse(line)
    if (what === "exit") process.exit()
    void answer(id)
  }
  process.exit()
}
