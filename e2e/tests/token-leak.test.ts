import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import * as v from "valibot"
import { describe, expect } from "vitest"
import { question, runOpenCode, signIn } from "../harness/opencode.ts"
import type { LoggedRequest } from "../harness/simulator-process.ts"
import { it, moveExpiry, opencodeBinary, opencodeMissing, readTokenFile } from "../harness/with-opencode.ts"

describe.skipIf(opencodeMissing)("secrets", () => {
  it("are nowhere but in the two stores, with every log on and every path walked", async ({ simulator, home }) => {
    const loud = { ...home, env: { ...home.env, DEBUG_QWEN_PLUGIN: "1" } }
    const ask = () =>
      runOpenCode(opencodeBinary, loud, [...question("What is 6 times 7?"), "--print-logs", "--log-level", "DEBUG"])
    const runs = [await signIn(opencodeBinary, loud, (code) => simulator.press("approve", code)), await ask()]
    const first = await readTokenFile(home)
    await simulator.control("expire-tokens")
    runs.push(await ask())
    await moveExpiry(home, Date.now() - 1000)
    await simulator.control("scenario", { answers: { refresh: { queue: [{ status: 502, body: "<html>" }] } } })
    runs.push(await ask())
    const last = await readTokenFile(home)
    await moveExpiry(home, Date.now() - 1000)
    await simulator.control("revoke-refresh-tokens")
    runs.push(await ask())

    const log = await simulator.log()
    const secrets = new Set([first, last].flatMap((file) => [file.access_token, file.refresh_token]))
    for (const secret of log.flatMap(secretsIn)) secrets.add(secret)
    expect(secrets.size).toBeGreaterThanOrEqual(6)
    const stores = [home.authFile, home.tokenFile]
    const written = (await filesBelow(home.root)).filter((file) => !stores.includes(file))
    expect(written.some((file) => file.includes(join("opencode", "log")))).toBe(true)
    const places = [
      ...runs.map(({ output }, index) => ({ where: `output of run ${index + 1}`, text: output })),
      ...(await Promise.all(written.map(async (where) => ({ where, text: await readFile(where, "latin1") })))),
    ]
    // Reported by place, so that a failing test does not print the secret.
    const leaks = places.filter(({ text }) => [...secrets].some((secret) => text.includes(secret)))
    expect(leaks.map(({ where }) => where)).toEqual([])
    expect(runs.map(({ output }) => output).join()).toContain("qwen-auth: Renewing the access token.")
  })
})

const Form = v.object({
  device_code: v.optional(v.string()),
  code_verifier: v.optional(v.string()),
  refresh_token: v.optional(v.string()),
})

function secretsIn({ headers, body }: LoggedRequest): string[] {
  const form = v.safeParse(Form, body)
  const bearer = String(headers["authorization"] ?? "").replace(/^Bearer /, "")
  return [bearer, ...(form.success ? Object.values(form.output) : [])].flatMap((text) => (text ? [text] : []))
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
