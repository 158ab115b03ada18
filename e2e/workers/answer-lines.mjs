import { createInterface } from "node:readline"

/**
 * Prints `{"id":0,"result":"ready"}`, then executes each JSON line on standard input and answers with `{"id","result"}` or `{"id","error"}`.
 * The end of the input ends the process.
 * @param {(command: unknown) => Promise<unknown>} execute
 */
export async function answerLines(execute) {
  /** @param {object} document */
  const print = (document) => process.stdout.write(`${JSON.stringify(document)}\n`)
  /** @param {{ id: number }} command */
  const answer = async (command) => {
    const { id } = command
    try {
      print({ id, result: await execute(command) })
    } catch (error) {
      print({ id, error: String(error) })
    }
  }
  print({ id: 0, result: "ready" })
  for await (const line of createInterface({ input: process.stdin })) void answer(JSON.parse(line))
  process.exit()
}
