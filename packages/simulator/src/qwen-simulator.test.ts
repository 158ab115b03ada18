import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsdown"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { fetchThrough } from "./test-support/fetch-through.ts"

let folder = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "qwen-simulator-"))
  await build({
    config: false,
    entry: { "qwen-simulator": fileURLToPath(new URL("./qwen-simulator.ts", import.meta.url)) },
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    outDir: folder,
    platform: "node",
    target: "node20.19",
    dts: false,
    logLevel: "silent",
  })
  // The bundle's imports are resolved as in an installation.
  await symlink(fileURLToPath(new URL("../../../node_modules", import.meta.url)), join(folder, "node_modules"))
}, 30_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

/** The command in its own process, which ends with the test at the latest. */
function command(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(folder, "qwen-simulator.mjs"), ...args])
  onTestFinished(() => {
    child.kill("SIGKILL")
  })
  return child
}

interface Ended {
  code: unknown
  stdout: string
  stderr: string
}

async function ended(child: ChildProcess): Promise<Ended> {
  const result: Ended = { code: undefined, stdout: "", stderr: "" }
  child.stdout?.on("data", (piece: Buffer) => {
    result.stdout += piece.toString()
  })
  child.stderr?.on("data", (piece: Buffer) => {
    result.stderr += piece.toString()
  })
  const [code, signal] = await once(child, "close")
  return { ...result, code: code ?? signal }
}

async function ready(child: ChildProcess): Promise<string> {
  const [line] = await once(child.stdout ?? child, "data")
  return String(line)
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "it prints one JSON line when ready; %s ends it at once, even with open connections",
  async (signal) => {
    const child = command("--port", "0")
    const line = await ready(child)
    expect(line).toMatch(/^\{"origin":"http:\/\/127\.0\.0\.1:\d+"\}\n$/)
    const { origin } = JSON.parse(line)
    const script = { answers: { models: { standing: { body: "", delayMs: 60_000 } } } }
    await fetch(`${origin}/_sim/scenario`, { method: "POST", body: JSON.stringify(script) })
    const waiting = fetch(`${origin}/v1/models`).catch(() => "ended")
    await new Promise((resolve) => setTimeout(resolve, 10))
    const end = ended(child)
    child.kill(signal)
    expect(await end).toEqual({ code: 0, stdout: "", stderr: "" })
    expect(await waiting).toBe("ended")
  },
)

test("with a proxy the line contains its URL, the certificate file exists, and SIGTERM ends both", async () => {
  const certificateFile = join(folder, "certificate.pem")
  const child = command("--proxy-port", "0", "--certificate", certificateFile)
  const { origin, proxy } = JSON.parse(await ready(child))
  expect(proxy).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(proxy).not.toBe(origin)
  const certificate = await readFile(certificateFile, "utf8")
  expect(certificate).toMatch(/^-----BEGIN CERTIFICATE-----/)
  expect(certificate).not.toContain("PRIVATE KEY")
  const response = await fetchThrough({ proxy, certificate }, "https://portal.qwen.ai/v1/models")
  expect(response.status).toBe(401)
  const end = ended(child)
  child.kill("SIGTERM")
  expect(await end).toEqual({ code: 0, stdout: "", stderr: "" })
})

test("a certificate that cannot be written is one line and exit code 1", async () => {
  const { code, stderr } = await ended(command("--proxy-port", "0", "--certificate", join(folder, "no", "where")))
  expect(code).toBe(1)
  expect(stderr).toMatch(/^qwen-simulator: Cannot start: ENOENT.*\n$/)
})

test("--help shows the options and exits with 0", async () => {
  const { code, stdout, stderr } = await ended(command("--help"))
  expect([code, stderr]).toEqual([0, ""])
  expect(stdout).toContain("--port PORT")
})

test.each([
  [["--prot", "1"], "Unknown option '--prot'"],
  [["--port", "http"], '--port takes a number from 0 to 65535, not "http"'],
  [["--port", "65536"], "--port takes a number"],
  [["--port"], "argument missing"],
  [["here"], "Unexpected argument 'here'"],
  [["--proxy-port", "0"], "--proxy-port needs --certificate FILE"],
  [["--certificate", "here"], "--certificate goes with --proxy-port"],
  [["--proxy-port", "x", "--certificate", "here"], '--proxy-port takes a number from 0 to 65535, not "x"'],
])("%j is refused with a message and exit code 2", async (args, message) => {
  const { code, stdout, stderr } = await ended(command(...args))
  expect([code, stdout]).toEqual([2, ""])
  expect(stderr).toContain(message)
  expect(stderr).toMatch(/^qwen-simulator: /)
})

test("a port in use is one line and exit code 1", async () => {
  const { origin } = JSON.parse(await ready(command()))
  const { code, stderr } = await ended(command("--port", new URL(origin).port))
  expect(code).toBe(1)
  expect(stderr).toMatch(/^qwen-simulator: Cannot start: .*EADDRINUSE.*127\.0\.0\.1:\d+\n$/)
})
