import { settle } from "qwen-auth-testing/gate"
import { credential, keyCredential, STARTED } from "qwen-auth-testing/samples"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import manifest from "../manifest.json" with { type: "json" }
import { activate } from "./activate.ts"
import { type FakeAlmaOptions, fakeAlma } from "./testing/fake-alma.ts"

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
})
afterEach(() => {
  vi.unstubAllGlobals()
})

async function activated(options: FakeAlmaOptions = {}) {
  const alma = fakeAlma(options)
  const plugin = await activate(alma.context)
  const run = async (id: string) => alma.commands.get(id)?.()
  return { ...alma, plugin, run }
}

describe("the plugin", () => {
  it("registers what the manifest declares, and nothing else", async () => {
    const { commands, providers, plugin } = await activated()
    expect([...commands.keys()].sort()).toEqual([...COMMANDS].sort())
    expect(providers.map(({ id, name, authType }) => ({ id, name, authType }))).toEqual(manifest.contributes.providers)
    plugin.dispose()
  })

  it("sends no request and reads nothing when it is activated", async () => {
    const { secrets, read, asked, shown, opened, logged, plugin } = await activated({ stored: credential() })
    await settle()
    expect([secrets.calls, read, asked, shown(), opened, logged]).toEqual([[], [], [], [], [], []])
    expect(network).not.toHaveBeenCalled()
    plugin.dispose()
  })

  it("removes all registrations when it is disposed, even twice", async () => {
    const { plugin, disposed } = await activated()
    plugin.dispose()
    expect([...disposed].sort()).toEqual([...COMMANDS, "qwen"].sort())
    expect(() => plugin.dispose()).not.toThrow()
  })

  it("removes the other registrations when removing one fails", async () => {
    const alma = fakeAlma()
    const { register } = alma.context.providers
    alma.context.providers.register = (definition) => {
      register(definition)
      return {
        dispose() {
          throw new Error("gone already")
        },
      }
    }
    const plugin = await activate(alma.context)
    try {
      plugin.dispose()
    } catch {
      // This test does not check what `dispose` throws.
    }
    expect([...alma.disposed].sort()).toEqual([...COMMANDS].sort())
  })

  it("ends a waiting sign-in when it is disposed", async () => {
    const { plugin, run, progress, shown } = await activated({ picks: [ACCOUNT] })
    const login = run("qwen-auth.login")
    await vi.waitFor(() => expect(shown().join("\n")).toContain("ABCD-1234"))
    plugin.dispose()
    expect(await login).toEqual({ success: false, error: "The sign-in was cancelled." })
    expect(progress[0]?.open).toBe(false)
  })

  it("signs in with its own user agent", async () => {
    const { plugin, run } = await activated({ picks: [ACCOUNT] })
    const login = run("qwen-auth.login")
    await vi.waitFor(() => expect(fetched).toHaveLength(1))
    plugin.dispose()
    await login
    expect(fetched[0]?.url).toBe("https://chat.qwen.ai/api/v1/oauth2/device/code")
    expect(fetched[0]?.headers.get("user-agent")).toMatch(/^qwen-auth-alma\//)
  })
})

describe("the sign-out command", () => {
  it("asks for confirmation, removes the sign-in and confirms it", async () => {
    const { run, secrets, confirms, notices, plugin } = await activated({ stored: keyCredential() })
    await run("qwen-auth.logout")
    expect(confirms).toEqual(["Sign out of Qwen? This removes the stored sign-in."])
    expect(secrets.held.size).toBe(0)
    expect(notices).toMatchObject([{ message: "Signed out of Qwen.", type: "success" }])
    plugin.dispose()
  })

  it("does nothing when the user declines", async () => {
    const { run, secrets, shown, plugin } = await activated({ stored: keyCredential(), confirmed: false })
    await run("qwen-auth.logout")
    expect([secrets.held.size, shown()]).toEqual([1, []])
    plugin.dispose()
  })

  it("ends a waiting sign-in", async () => {
    const { run, shown, secrets, plugin } = await activated({ picks: [ACCOUNT] })
    const login = run("qwen-auth.login")
    await vi.waitFor(() => expect(shown().join("\n")).toContain("ABCD-1234"))
    await run("qwen-auth.logout")
    expect(await login).toMatchObject({ success: false })
    expect(secrets.held.size).toBe(0)
    plugin.dispose()
  })

  it("shows an error when the sign-in cannot be removed", async () => {
    const { run, secrets, errors, notices, plugin } = await activated({ stored: keyCredential() })
    secrets.before = () => {
      throw new Error("locked")
    }
    await run("qwen-auth.logout")
    expect(errors).toEqual([
      "The sign-in could not be removed in Alma's secret storage. Unlock the system's keychain and try again.",
    ])
    expect(notices).toEqual([])
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
    expect(notices).toHaveLength(1)
    expect(notices[0]?.message).toMatch(expected)
    expect(network).not.toHaveBeenCalled()
    plugin.dispose()
  })
})
