import { existsSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { nodePlatform } from "qwen-auth-core"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { main } from "../main.ts"
import { fakeWorld } from "../testing/fake-world.ts"
import { gatewayUnderTest, TOKEN_PLAN_KEY } from "../testing/gateway-under-test.ts"
import { leaveSignIn } from "../testing/stored.ts"

const folder = temporaryFolders()
const KEY = "a-key-of-thirty-two-characters-00"

/** A world with a real clock, real processes, no service, and a key that is signed in. */
async function commandWorld(signedIn = true) {
  const home = await folder()
  if (signedIn) await leaveSignIn(home, TOKEN_PLAN_KEY)
  const fake = fakeWorld(home, { environment: { PATH: process.env["PATH"] ?? "" }, system: process.platform })
  const fetch = () => Promise.reject(new Error("The test did not expect a request."))
  return { ...fake, platform: nodePlatform({ fetch }) }
}

async function run(args: readonly string[], signedIn = true) {
  const world = await commandWorld(signedIn)
  return { code: await main(args, world, async () => world), ...world.written }
}

it.each([
  [["serve", "--port", "0"], "--port must be a number from 1 to 65535."],
  [["serve", "--port", "99999"], "--port must be"],
  [["serve", "--keep-alive", "0"], "--keep-alive must be a number of seconds, at least 1."],
  [["serve", "--model", "a b"], "--model must be MODEL or NAME=MODEL"],
  [["serve", "--", "x"], "takes fewer arguments"],
  [["exec"], "Name the command after --"],
  [["exec", "--", ""], "Name the command after --"],
  [["exec", "claude"], "Put -- before the command: qwen-auth exec"],
  [["exec", "--port", "1", "--", "true"], "--port is for --print only."],
  [["exec", "--print"], "--print needs --key-file FILE, and no command."],
  [["exec", "--print", "--key-file", "/no/such/key"], "There is no key file /no/such/key."],
])("refuses %j as wrong usage", async (args, message) => {
  const { code, stdout, stderr } = await run(args)
  expect([code, stdout]).toEqual([64, ""])
  expect(stderr).toMatch(message)
  expect(stderr).toMatch(/^qwen-auth: .*\n$/)
})

describe("exec", () => {
  const print = (names: string) =>
    `require("fs").writeFileSync(process.argv[1], JSON.stringify([${names}].map((name) => process.env[name] ?? null)))`

  it("runs the command with a gateway that answers, and ends it afterwards", async () => {
    const file = join(await folder(), "seen")
    const script = `fetch(process.env.OPENAI_BASE_URL + "/models", { headers: { authorization: "Bearer " + process.env.OPENAI_API_KEY } })
      .then(async (answer) => require("fs").writeFileSync(process.argv[1], JSON.stringify([process.env.OPENAI_BASE_URL, answer.status])))
      .then(() => process.exit(7))`
    expect(await run(["exec", "--", process.execPath, "-e", script, file])).toMatchObject({ code: 7, stderr: "" })
    const [url, status]: string[] = JSON.parse(await readFile(file, "utf8"))
    expect(status).toBe(200)
    await expect(fetch(`${url}/models`)).rejects.toThrow()
  })

  it("sets the chosen model", async () => {
    const file = join(await folder(), "seen")
    const names = '"ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_MODEL", "ANTHROPIC_API_KEY"'
    await run(["exec", "--model", "opus=glm-5", "--", process.execPath, "-e", print(names), file])
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual(["glm-5", "qwen3.7-plus", null])
  })

  it("passes --help after -- to the command", async () => {
    const script = "process.exit(process.argv.includes('--help') ? 5 : 6)"
    const { code, stdout } = await run(["exec", "--", process.execPath, "-e", script, "--", "--help"])
    expect([code, stdout]).toEqual([5, ""])
  })

  it("leaves Ctrl-C to the terminal when only standard input is a pipe", async () => {
    const world = await commandWorld()
    const stderr = { ...world.stderr, isTTY: true }
    const started = join(await folder(), "started")
    const script = `process.on("SIGINT", () => process.exit(3)); require("fs").writeFileSync(process.argv[1], "")
      setInterval(() => {}, 1000)`
    const args = ["exec", "--", process.execPath, "-e", script, started]
    const code = main(args, world, async () => ({ ...world, stderr }))
    await expect.poll(() => existsSync(started)).toBe(true)
    world.signals.emit("SIGINT", "SIGINT")
    world.signals.emit("SIGTERM", "SIGTERM")
    expect(await code).toBe(143)
  })

  it("does not start a command without a sign-in", async () => {
    const { code, stderr } = await run(["exec", "--", process.execPath, "-e", "process.exit(7)"], false)
    expect([code, stderr]).toEqual([1, "qwen-auth: You are not signed in to Qwen. Run: qwen-auth login\n"])
  })

  it("reports a missing command with a shell's status", async () => {
    const { code, stderr } = await run(["exec", "--", "no-such-command-of-the-test"])
    expect([code, stderr]).toEqual([127, "qwen-auth: The command no-such-command-of-the-test was not found.\n"])
  })

  it("prints the variables of a running gateway with --print", async () => {
    const file = join(await folder(), "key")
    await writeFile(file, KEY, { mode: 0o600 })
    const { code, stdout } = await run(["exec", "--print", "--key-file", file, "--port", "8000"])
    expect(code).toBe(0)
    expect(stdout).toContain("export OPENAI_BASE_URL='http://127.0.0.1:8000/v1'\n")
    expect(stdout).toContain(`export ANTHROPIC_AUTH_TOKEN='${KEY}'\n`)
    expect(stdout).toContain("unset ANTHROPIC_API_KEY\n")
  })
})

describe("serve", () => {
  async function served(args: readonly string[]) {
    const world = await commandWorld()
    const code = main(["serve", ...args], world, async () => world)
    await expect.poll(() => world.written.stderr).toMatch(/key/)
    const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(world.written.stdout) ?? []
    return { world, code, origin }
  }

  const freePort = async () => {
    const { port, close } = await gatewayUnderTest()
    await close()
    return String(port)
  }

  it("answers with the key that it prints once, logs, and ends with a signal", async () => {
    const { world, code, origin } = await served(["--port", await freePort(), "--log"])
    const [, key] = /^Local key, shown once: (\S+)\n/.exec(world.written.stderr) ?? []
    const answer = await fetch(`${origin}/v1/models`, { headers: { authorization: `Bearer ${key}` } })
    expect(answer.status).toBe(200)
    await answer.text()
    await expect.poll(() => world.written.stderr).toMatch(/Z GET \/v1\/models - 200 \d+ms\n/)
    world.signals.emit("SIGTERM", "SIGTERM")
    expect(await code).toBe(0)
    expect(world.signals.listenerCount("SIGTERM")).toBe(0)
    expect(world.written.stdout).not.toContain(key)
    await expect(fetch(`${origin}/healthz`)).rejects.toThrow()
  })

  it("keeps the key in a file and does not print it", async () => {
    const file = join(await folder(), "key")
    const { world, code } = await served(["--port", await freePort(), "--key-file", file])
    const key = (await readFile(file, "utf8")).trim()
    expect(world.written.stdout + world.written.stderr).not.toContain(key)
    expect(world.written.stderr).toBe(`The local key is in ${file}.\n`)
    world.signals.emit("SIGINT", "SIGINT")
    expect(await code).toBe(0)
  })

  it("reports a port in use, and takes the next one with --next-port", async () => {
    const { port } = await gatewayUnderTest()
    const refused = await run(["serve", "--port", String(port)])
    expect([refused.code, refused.stderr]).toEqual([
      1,
      `qwen-auth: Port ${port} is in use. Stop the other program, or use --next-port or --port.\n`,
    ])
    const { world, code, origin } = await served(["--port", String(port), "--next-port"])
    expect(Number(new URL(origin ?? "").port)).toBeGreaterThan(port)
    world.signals.emit("SIGHUP", "SIGHUP")
    expect(await code).toBe(0)
  })

  it("reports a key file that others can read in one line", async () => {
    const file = join(await folder(), "key")
    await writeFile(file, KEY, { mode: 0o644 })
    const { code, stderr } = await run(["serve", "--key-file", file])
    expect([code, stderr]).toEqual([
      1,
      `qwen-auth: Other users can read the key file ${file}. Run: chmod 600 ${file}\n`,
    ])
  })
})
