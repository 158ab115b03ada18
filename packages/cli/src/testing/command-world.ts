import { EventEmitter } from "node:events"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { nodePlatform } from "qwen-auth-core"
import { formatStoredCredential } from "qwen-auth-core/internal"
import type { CommandWorld } from "../commands/command.ts"
import { TOKEN_PLAN_KEY } from "./gateway-under-test.ts"

/** A world of commands whose output the test reads. */
export interface CommandWorldUnderTest extends CommandWorld {
  readonly signals: EventEmitter
  /** What was written to standard output and standard error. */
  readonly output: { stdout: string; stderr: string }
}

/** @param home a folder for the sign-in */
export function commandWorld(home: string): CommandWorldUnderTest {
  const output = { stdout: "", stderr: "" }
  return {
    platform: nodePlatform({ fetch: () => Promise.reject(new Error("The test did not expect a request.")) }),
    sources: { environment: { PATH: process.env["PATH"] }, options: {}, home, temporary: home },
    system: { platform: process.platform, arch: "x" },
    signals: new EventEmitter(),
    terminal: false,
    output,
    print: (text) => {
      output.stdout += text
    },
    report: (text) => {
      output.stderr += text
    },
    isFile: () => false,
  }
}

/** Stores a Token Plan key as the sign-in of this home folder. */
export async function signInAt(home: string): Promise<void> {
  const folder = join(home, ".opencode", "qwen")
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, "oauth_token.json"), formatStoredCredential(TOKEN_PLAN_KEY), { mode: 0o600 })
}
