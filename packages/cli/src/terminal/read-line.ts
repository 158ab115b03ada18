import { QwenAuthError } from "qwen-auth-core"
import type { Input, World } from "../world.ts"

/** Longer than any key or answer, bytes. */
const MAX_BYTES = 64 * 1024

/**
 * Asks a question at the terminal and reads the answer, a line.
 * @throws QwenAuthError `aborted` on Ctrl-D, when the input ends and when `signal` aborts
 */
async function askLine(world: World, question: string, signal: AbortSignal): Promise<string> {
  world.stdout.write(question)
  // The terminal itself edits the line and sends it when it is complete.
  return readUntil(world.stdin, signal, (text) => {
    const end = text.search(/\r?\n|\r/)
    return end === -1
      ? undefined
      : { value: text.slice(0, end), used: text.slice(0, end + 2).replace(/\n.*$/s, "\n").length }
  })
}

/**
 * Lets the user choose from a numbered list, which works in every terminal and for screen readers.
 * @throws QwenAuthError as {@link askLine}
 */
export async function askChoice<T>(
  world: World,
  question: string,
  choices: readonly (readonly [label: string, value: T])[],
  signal: AbortSignal,
): Promise<T> {
  world.stdout.write(`${question}\n\n${choices.map(([label], index) => `  ${index + 1}. ${label}\n`).join("")}`)
  for (;;) {
    const answer = (await askLine(world, `\nNumber (1-${choices.length}): `, signal)).trim()
    const chosen = /^\d{1,3}$/.test(answer) ? choices[Number(answer) - 1] : undefined
    if (chosen !== undefined) return chosen[1]
    world.stdout.write(`Enter a number from 1 to ${choices.length}; Ctrl-C cancels.\n`)
  }
}

/**
 * Asks for a secret at the terminal. It is not shown while it is typed or pasted.
 * @throws QwenAuthError `aborted` on Ctrl-C, Ctrl-D, when the input ends and when `signal` aborts
 */
export async function askSecret(world: World, question: string, signal: AbortSignal): Promise<string> {
  const { stdin, stdout } = world
  stdout.write(question)
  // Raw mode turns off the echo on every system, Windows included. Ctrl-C and Ctrl-D then arrive as characters.
  stdin.setRawMode?.(true)
  try {
    return await readUntil(stdin, signal, typedLine)
  } finally {
    stdin.setRawMode?.(false)
    stdout.write("\n")
  }
}

/**
 * Reads all of standard input, or a little more than 64 KiB of a longer one.
 * @throws QwenAuthError `aborted` when `signal` aborts
 */
export async function readAll(stdin: Input, signal: AbortSignal): Promise<string> {
  return readUntil(stdin, signal, (text, complete) => (complete ? { value: text, used: text.length } : undefined))
}

interface Found {
  readonly value: string
  /** How many characters of the input belong to it. */
  readonly used: number
}

/**
 * Reads text until `find` finds what it looks for. What follows it stays in the stream.
 * @param find gets true when no more is read: the input has ended or is too long
 */
function readUntil(
  stdin: Input,
  signal: AbortSignal,
  find: (text: string, complete: boolean) => Found | "cancelled" | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0)
    const finish = (settle: () => void) => {
      stdin.off("data", onData)
      stdin.off("end", onEnd)
      stdin.off("error", onError)
      signal.removeEventListener("abort", cancel)
      stdin.pause()
      settle()
    }
    const cancel = () => finish(() => reject(cancelledError()))
    const check = (ended: boolean) => {
      const complete = ended || bytes.length > MAX_BYTES
      const found = find(bytes.toString("utf8"), complete)
      if (found === "cancelled") return cancel()
      if (found === undefined) return complete ? cancel() : undefined
      const rest = bytes.subarray(Buffer.byteLength(bytes.toString("utf8").slice(0, found.used)))
      finish(() => {
        if (rest.length > 0) stdin.unshift(rest)
        resolve(found.value)
      })
    }
    const onData = (chunk: Buffer | string) => {
      bytes = Buffer.concat([bytes, Buffer.from(chunk)])
      check(false)
    }
    const onEnd = () => check(true)
    const onError = () => cancel()
    if (signal.aborted) return reject(cancelledError())
    signal.addEventListener("abort", cancel, { once: true })
    stdin.on("data", onData)
    stdin.on("end", onEnd)
    stdin.on("error", onError)
    stdin.resume()
  })
}

/** Applies the keys that were typed in raw mode: Enter, Backspace, Ctrl-U, Ctrl-C, Ctrl-D and pasted text. */
function typedLine(text: string): Found | "cancelled" | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of arrow keys and of a bracketed paste
  const keys = text.replace(/\x1b(?:\[[0-9;]*[ -/]*[@-~]|O.)/g, "")
  let line = ""
  for (const key of keys) {
    if (key === "\r" || key === "\n") return { value: line, used: text.length }
    if (key === "\x03" || (key === "\x04" && line === "")) return "cancelled"
    if (key === "\x7f" || key === "\b") line = line.slice(0, -1)
    else if (key === "\x15") line = ""
    else if (key >= " ") line += key
  }
  return undefined
}

function cancelledError(): QwenAuthError {
  return new QwenAuthError("aborted", "Cancelled.")
}
