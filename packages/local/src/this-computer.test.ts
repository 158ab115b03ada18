import { tmpdir, userInfo } from "node:os"
import { afterEach, expect, it, vi } from "vitest"
import { thisComputer } from "./this-computer.ts"

afterEach(() => vi.unstubAllEnvs())

const VARIABLE = process.platform === "win32" ? "USERPROFILE" : "HOME"

// Bun reads the variable once, when the process starts.
it.skipIf(process.versions["bun"] !== undefined)("takes the home folder from the environment", () => {
  vi.stubEnv(VARIABLE, tmpdir())
  expect(thisComputer({}).home).toBe(tmpdir())
})

it.each(["", "here", "./here"])("takes the user's own folder when the variable is %j", (value) => {
  vi.stubEnv(VARIABLE, value)
  expect(thisComputer({}).home).toBe(userInfo().homedir)
})
