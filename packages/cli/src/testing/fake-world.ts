import { EventEmitter } from "node:events"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { type FakePlatform, type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { main } from "../main.ts"
import type { World } from "../world.ts"

/** Options of {@link fakeWorld}. */
export interface FakeWorldOptions extends FakePlatformOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** Standard input and output are a terminal of this width. */
  readonly terminal?: number
  readonly system?: NodeJS.Platform
  readonly nodeVersion?: string
  /** Files that exist beside those of the temporary folder. */
  readonly files?: readonly string[]
  /** Why the browser does not open. */
  readonly browserError?: Error
}

/** A world that a test controls. Its files are real, in a home folder of the test. */
export interface FakeWorld extends World {
  readonly platform: FakePlatform
  readonly signals: EventEmitter
  /** What was written so far. */
  readonly written: { stdout: string; stderr: string }
  /** The URLs that were opened. */
  readonly opened: string[]
  /** The raw modes that the terminal was switched to. */
  readonly rawModes: boolean[]
  /** Types or pipes a text. */
  type(text: string): void
  /** Ends standard input. */
  end(): void
  /** Presses Ctrl-C outside of a prompt in raw mode. */
  interrupt(): void
  /** The number of signals that are listened for. */
  listening(): number
  /** Runs the command line. */
  run(...args: string[]): Promise<number>
}

export function fakeWorld(home: string, options: FakeWorldOptions = {}): FakeWorld {
  const { environment = {}, terminal, system = "linux", nodeVersion = "22.12.0", files = [] } = options
  const input = new PassThrough()
  const written = { stdout: "", stderr: "" }
  const opened: string[] = []
  const rawModes: boolean[] = []
  const signals = new EventEmitter()
  const tty = terminal !== undefined
  const output = (name: "stdout" | "stderr") => ({
    isTTY: tty,
    columns: terminal,
    write: (text: string) => {
      written[name] += text
    },
  })
  const world: FakeWorld = {
    written,
    opened,
    rawModes,
    stdin: Object.assign(input, { isTTY: tty, setRawMode: (raw: boolean) => rawModes.push(raw) }),
    stdout: output("stdout"),
    stderr: output("stderr"),
    sources: { environment, options: {}, home, temporary: join(home, "tmp") },
    system,
    arch: "x64",
    nodeVersion,
    folder: home,
    programFolder: join(home, "program"),
    platform: fakePlatform(options),
    signals,
    async openInBrowser(url) {
      if (options.browserError !== undefined) throw options.browserError
      opened.push(url)
    },
    isFile: (path) => files.includes(path) || (path.startsWith(home) && existsSync(path)),
    type: (text) => input.write(text),
    end: () => input.end(),
    interrupt: () => void signals.emit("SIGINT", "SIGINT"),
    listening: () => signals.eventNames().length,
    run: (...args) => main(args, world, async () => world),
  }
  return world
}
