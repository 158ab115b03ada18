import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { authorizationServer, nodePlatform } from "qwen-auth-core"
import { startDeviceSignIn } from "qwen-auth-core/internal"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { type AskReport, askFrom } from "../harness/processes/asking-processes.ts"
import { trials } from "../harness/processes/trials.ts"
import { type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"
import { mountSmallDisk } from "../harness/shared/small-disk.ts"

const HOUR = 3_600_000

let simulator: SimulatorProcess
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.stop())

let folder = ""
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "qwen-sign-in-faults-"))
  await simulator.control("reset")
  await simulator.control("scenario", { deviceCode: { autoApprove: true, intervalS: 1 } })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Stores a sign-in whose access token expires in `leftMs`. The server still accepts its refresh token. */
async function storedSignIn(leftMs: number, within = folder): Promise<{ file: string; text: string }> {
  const server = authorizationServer({ baseUrl: simulator.origin })
  const { accessToken, refreshToken } = await (await startDeviceSignIn({ platform: nodePlatform(), server })).wait()
  if (leftMs <= 0) await simulator.control("expire-tokens")
  const file = join(within, "oauth_token.json")
  const expiry_date = Date.now() + leftMs
  const text = JSON.stringify({
    access_token: accessToken,
    refresh_token: refreshToken,
    token_type: "Bearer",
    expiry_date,
  })
  await writeFile(file, text, { mode: 0o600 })
  return { file, text }
}

const onRefresh = (answer: object | null, times?: number) => ({
  answers: { refresh: times === undefined ? { standing: answer } : { queue: Array(times).fill(answer) } },
})
const everything = (reports: AskReport[]) => reports.flatMap(({ answers, again }) => [...answers, again])
const statuses = (reports: AskReport[]) => [...new Set(everything(reports).map(({ status }) => status))]

/** `server`: the fault; `leftMs`: the rest of the token's lifetime; then the result for each process, and the number of refreshes. */
const faults = [
  {
    name: "a refusal: each process tries once and reports the sign-out; the sign-in is kept",
    server: onRefresh({ status: 400, body: { error: "invalid_request", error_description: "Invalid refresh token" } }),
    leftMs: 0,
    status: 401,
    message:
      "Token refresh failed: the service refused it (invalid_request: Invalid refresh token). Sign out and sign in again.",
    refreshes: (processes: number) => [processes],
    file: "kept",
  },
  {
    name: "5xx with an expired token: three attempts, then the cause; the sign-in is kept",
    server: onRefresh({ status: 502, body: "Bad Gateway" }),
    leftMs: 0,
    status: 503,
    message:
      "The sign-in could not be refreshed: The sign-in service did not answer as expected (HTTP 502 without JSON).",
    refreshes: (processes: number) => [6 * processes],
    file: "kept",
  },
  {
    name: "5xx with a valid token: the token is used, one attempt per process",
    server: onRefresh({ status: 500 }),
    leftMs: 120_000,
    status: 200,
    message: "42",
    refreshes: (processes: number) => [processes],
    file: "kept",
  },
  {
    name: "5xx once: the second attempt refreshes for all",
    server: onRefresh({ status: 504, body: "<html>Gateway Time-out</html>" }, 1),
    leftMs: 0,
    status: 200,
    message: "42",
    refreshes: () => [2],
    file: "refreshed",
  },
  {
    name: "a web page: three attempts, then the cause",
    server: onRefresh({
      status: 200,
      headers: { "content-type": "text/html" },
      body: "<html>Welcome to the hotel</html>",
    }),
    leftMs: 0,
    status: 503,
    message: "(HTTP 200 with a web page)",
    refreshes: (processes: number) => [6 * processes],
    file: "kept",
  },
  {
    name: "a reset before the server read the request: retried",
    server: onRefresh({ reset: true }, 2),
    leftMs: 0,
    status: 200,
    message: "42",
    refreshes: () => [3],
    file: "refreshed",
  },
  {
    name: "a timeout: three attempts, then the cause; a process that waits longer than 45 s says that",
    server: onRefresh({ status: 200, delayMs: 5_000 }),
    leftMs: 0,
    haste: 30,
    status: 503,
    message: /did not answer within 30 seconds|Another process is refreshing the sign-in and has not finished/,
    refreshes: (processes: number) => Array.from({ length: 6 * processes - 2 }, (_, index) => 3 + index),
    file: "kept",
  },
  {
    name: "a response after the token's expiry: every process waits for the one refresh",
    server: onRefresh({ pass: true, delayMs: 900 }),
    leftMs: 400,
    status: 200,
    message: "42",
    refreshes: () => [1],
    file: "refreshed",
  },
  {
    name: "429 with a short Retry-After: waited for",
    server: onRefresh({ status: 429, headers: { "retry-after": "1" } }, 1),
    leftMs: 0,
    status: 200,
    message: "42",
    refreshes: () => [2],
    file: "refreshed",
  },
  {
    name: "429 with a long Retry-After: not waited for, the sign-in is kept",
    server: onRefresh({ status: 429, headers: { "retry-after": "3600" } }),
    leftMs: 0,
    status: 503,
    message: "The sign-in could not be refreshed",
    // All requests of a process wait as long as the server demands.
    refreshes: (processes: number) => [processes],
    file: "kept",
  },
] as const

/** One process alone is tested only in `npm run test:all`, because several processes show the same. */
const PROCESSES = trials([4], [1, 4])

describe.each(PROCESSES)("%i process(es) with four requests each, and the server's fault is", (processes) => {
  it.each(faults)("$name", async (fault) => {
    const { file, text } = await storedSignIn(fault.leftMs)
    await simulator.control("scenario", fault.server)
    const haste = "haste" in fault ? fault.haste : 10
    const reports = await askFrom(processes, { origin: simulator.origin, file, haste })

    expect(statuses(reports)).toEqual([fault.status])
    for (const answer of everything(reports)) expect(answer.text).toMatch(fault.message)
    expect(fault.refreshes(processes)).toContain(await simulator.refreshes())
    const after = await readFile(file, "utf8")
    expect(after === text ? "kept" : "refreshed").toBe(fault.file)

    await simulator.control("scenario", onRefresh(null))
    expect(statuses(await askFrom(1, { origin: simulator.origin, file }))).toEqual([200])
  })

  it("a corrupt file: the sign-out names its path, no request is sent, the file is kept", async () => {
    const file = join(folder, "oauth_token.json")
    await writeFile(file, '{"access_token": "half')
    const reports = await askFrom(processes, { origin: simulator.origin, file })

    expect(statuses(reports)).toEqual([401])
    for (const { text } of everything(reports)) expect(text).toContain(`${file} does not hold a complete sign-in`)
    expect(await simulator.log()).toEqual([])
    expect(await readFile(file, "utf8")).toBe('{"access_token": "half')
  })

  // A process learns the server's time from its first answer, so each may refresh once before that.
  it.each([12, -12])(
    "a clock that is %i hours ahead: at most one refresh per process, and no expired token is used",
    async (hours) => {
      const { file } = await storedSignIn(hours > 0 ? HOUR : -HOUR)
      const reports = await askFrom(processes, { origin: simulator.origin, file, clockMs: hours * HOUR })

      expect(statuses(reports)).toEqual([200])
      expect(await simulator.refreshes()).toBeGreaterThanOrEqual(1)
      expect(await simulator.refreshes()).toBeLessThanOrEqual(processes)
    },
  )
})

const disk = mountSmallDisk()
afterAll(() => disk?.remove())

describe.skipIf(disk === undefined)("a disk that accepts no data (needs Linux and root)", () => {
  const within = disk?.folder ?? ""
  const options = (file: string) => ({ origin: simulator.origin, file })

  it.each([1, 4])(
    "full, %i process(es), a valid token: it is used, and no refresh token is spent",
    async (processes) => {
      const { file, text } = await storedSignIn(120_000, within)
      await fill(join(within, "ballast"))
      const reports = await askFrom(processes, options(file))

      expect(statuses(reports)).toEqual([200])
      expect(await simulator.refreshes()).toBe(0)
      expect(await readFile(file, "utf8")).toBe(text)
      await rm(join(within, "ballast"))
    },
  )

  // The process that refreshed cannot pass the token on. The others report a sign-out, and the file is unchanged.
  it.each([
    ["full", 1, () => fill(join(within, "ballast"))],
    ["full", 4, () => fill(join(within, "ballast"))],
    ["read-only", 1, async () => disk?.makeReadOnly()],
  ] as const)(
    "%s, %i process(es), an expired token: the refreshed one is used by its process, with a warning",
    async (_, processes, harm) => {
      const { file, text } = await storedSignIn(0, within)
      await harm()
      const reports = await askFrom(processes, options(file))
      const served = reports.filter((report) => statuses([report]).join() === "200")
      const refused = reports.filter((report) => statuses([report]).join() === "401")

      expect([served.length, refused.length]).toEqual([1, processes - 1])
      expect(served[0]?.warnings).toContain("The refreshed sign-in could not be stored; only this process can use it.")
      for (const answer of everything(refused)) expect(answer.text).toContain("Token refresh failed")
      expect(await readFile(file, "utf8")).toBe(text)
      await rm(join(within, "ballast"), { force: true }).catch(() => {})
    },
  )
})

/** Writes until the disk is full. */
async function fill(path: string): Promise<void> {
  await writeFile(path, Buffer.alloc(300 * 1024)).catch(() => {})
}
