import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Credential } from "qwen-auth-core"
import { formatStoredCredential } from "qwen-auth-core/internal"
import { eventually } from "qwen-auth-testing/eventually"
import { settle } from "qwen-auth-testing/gate"
import { credential, keyCredential, STARTED } from "qwen-auth-testing/samples"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import manifest from "../manifest.json" with { type: "json" }
import { memorySecrets } from "../test-host/memory-storage.ts"
import { activate } from "./activate.ts"
import { type TestAlmaOptions, testAlma } from "./testing/test-alma.ts"

const COMMANDS = manifest.contributes.commands.map(({ id }) => id)
const ACCOUNT = "Qwen account (OAuth)"

const fetched: { readonly url: string; readonly headers: Headers }[] = []
const network = vi.fn(async (url: string, init: RequestInit = {}) => {
  fetched.push({ url, headers: new Headers(init.headers) })
  return Response.json(STARTED)
})

beforeEach(() => {
  fetched.length = 0
  network.mockClear()
  vi.stubGlobal("fetch", network)
  // A folder that does not exist: the sign-ins of this computer are none of the tests' business.
  for (const name of ["HOME", "USERPROFILE", "QWEN_HOME"]) vi.stubEnv(name, join(tmpdir(), "no-home-of-qwen-auth-alma"))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

interface Options extends TestAlmaOptions {
  readonly stored?: Credential
}

async function activated({ stored, ...options }: Options = {}) {
  const secrets = memorySecrets(stored === undefined ? {} : { credential: formatStoredCredential(stored) })
  const alma = testAlma({ ...options, hostSecrets: secrets })
  const plugin = await activate(alma.context)
  return { ...alma, secrets, plugin, run: alma.commands.run }
}

describe("the plugin", () => {
  it.each(["exact", "prefixed", "called by both"] as const)(
    "registers what the manifest declares when commands are %s",
    async (commands) => {
      const { commands: registered, providers, plugin, violations } = await activated({ behaviour: { commands } })
      expect(COMMANDS.filter((id) => !registered.has(id))).toEqual([])
      const provider = providers.registered.all()[0]
      expect([provider?.id, provider?.name, provider?.listsAccounts]).toEqual(["qwen", "Qwen (Alibaba)", true])
      plugin.dispose()
      expect(violations.found).toEqual([])
    },
  )

  it("sends no request and reads nothing when it is activated", async () => {
    const { secrets, shown, log, plugin } = await activated({ stored: credential() })
    await settle()
    expect([secrets.calls, shown, log]).toEqual([[], [], []])
    expect(network).not.toHaveBeenCalled()
    plugin.dispose()
  })

  it("removes all registrations when it is disposed, even twice", async () => {
    const { plugin, leaks } = await activated()
    plugin.dispose()
    expect(leaks()).toEqual([])
    expect(() => plugin.dispose()).not.toThrow()
  })

  it("removes the other registrations when removing one fails", async () => {
    const { context, leaks } = testAlma()
    const disposed: string[] = []
    const providers = {
      register: () => ({
        dispose() {
          disposed.push("qwen")
          throw new Error("gone already")
        },
      }),
    }
    const { logger, storage, commands, ui, settings } = context
    const plugin = await activate({ logger, storage, commands, ui, settings, providers })
    expect(() => plugin.dispose()).not.toThrow()
    expect([disposed, leaks()]).toEqual([["qwen"], []])
  })

  it("ends a waiting sign-in when it is disposed", async () => {
    const { plugin, run, progress, texts } = await activated({ picks: [ACCOUNT] })
    const login = run("qwen-auth.login")
    await eventually(() => expect(texts.join("\n")).toContain("ABCD-1234"))
    plugin.dispose()
    expect(await login).toEqual({ success: false, error: "The sign-in was cancelled." })
    await settle()
    expect(progress()[0]?.state).toBe("done")
  })

  it("signs in with its own user agent", async () => {
    const { plugin, run } = await activated({ picks: [ACCOUNT] })
    const login = run("qwen-auth.login")
    await eventually(() => expect(fetched).toHaveLength(1))
    plugin.dispose()
    await login
    expect(fetched[0]?.url).toBe("https://chat.qwen.ai/api/v1/oauth2/device/code")
    expect(fetched[0]?.headers.get("user-agent")).toMatch(/^qwen-auth-alma\//)
  })
})

describe("the sign-out command", () => {
  it("asks for confirmation, removes the sign-in and confirms it", async () => {
    const { run, secrets, confirms, notices, plugin } = await activated({ stored: keyCredential(), confirmed: true })
    await run("qwen-auth.logout")
    expect(confirms().map(({ text }) => text)).toEqual(["Sign out of Qwen? This removes the stored sign-in."])
    expect(secrets.values.size).toBe(0)
    expect(notices()).toMatchObject([{ text: "Signed out of Qwen.", type: "success" }])
    plugin.dispose()
  })

  it("does nothing when the user declines", async () => {
    const { run, secrets, notices, errors, plugin } = await activated({ stored: keyCredential(), confirmed: false })
    await run("qwen-auth.logout")
    expect([secrets.values.size, notices(), errors()]).toEqual([1, [], []])
    plugin.dispose()
  })

  it.each([
    ["absent", "Sign out", 0],
    ["throws", "Sign out", 0],
    ["absent", "Cancel", 1],
    ["absent", undefined, 1],
  ] as const)("asks by a choice when the dialog %s: %s", async (confirmDialog, pick, left) => {
    const { run, secrets, plugin } = await activated({
      stored: keyCredential(),
      behaviour: { confirmDialog },
      picks: [pick],
    })
    await run("qwen-auth.logout")
    expect(secrets.values.size).toBe(left)
    plugin.dispose()
  })

  it("ends a waiting sign-in", async () => {
    const { run, user, press, texts, secrets, plugin } = await activated({ picks: [ACCOUNT] })
    const login = run("qwen-auth.login")
    await eventually(() => expect(texts.join("\n")).toContain("ABCD-1234"))
    user.confirms(true)
    await run("qwen-auth.logout")
    expect(await login).toMatchObject({ success: false })
    expect(secrets.values.size).toBe(0)
    // The dialog of the sign-in is still open, and has no effect any more.
    press("Cancel sign-in")
    plugin.dispose()
  })

  it("shows an error when the sign-in cannot be removed", async () => {
    const { run, secrets, errors, notices, plugin } = await activated({ stored: keyCredential(), confirmed: true })
    secrets.delete = "fails"
    await run("qwen-auth.logout")
    expect(errors()).toEqual([
      "The sign-in could not be removed in Alma's secret storage. Unlock the system's keychain and try again.",
    ])
    expect(notices()).toEqual([])
    plugin.dispose()
  })
})

describe("the status command", () => {
  it.each([
    [undefined, /^You are not signed in to Qwen\. Run: Login to Qwen \(Alibaba\)$/],
    [credential(), /^Signed in with a Qwen account\.\nThe token is valid until .* and is refreshed automatically\.$/],
    [keyCredential(), /^Signed in with an API key for Coding Plan \(international\)\.$/],
  ])("describes the sign-in without a secret and without a request", async (stored, expected) => {
    const { run, notices, plugin } = await activated(stored === undefined ? {} : { stored })
    await run("qwen-auth.status")
    expect(notices()).toHaveLength(1)
    expect(notices()[0]?.text).toMatch(expected)
    expect(network).not.toHaveBeenCalled()
    plugin.dispose()
  })
})
