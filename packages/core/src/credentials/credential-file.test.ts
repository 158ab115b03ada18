import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { inspect } from "node:util"
import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { modeOf } from "qwen-auth-testing/mode-of"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { credentialFile } from "./credential-file.ts"
import type { CredentialStore } from "./credential-store.ts"
import { formatStoredCredential } from "./stored-credential.ts"

const temporaryFolder = temporaryFolders()

const write = (store: CredentialStore, given = credential()) => store.withLock((lock) => lock.write(given))

async function file(content?: string | Uint8Array) {
  const path = join(await temporaryFolder(), "qwen", "oauth_token.json")
  if (content !== undefined) {
    await mkdir(dirname(path))
    await writeFile(path, content)
  }
  const platform = fakePlatform()
  const names = async () => (await readdir(dirname(path))).filter((name) => !name.endsWith(".lock")).sort()
  return { path, platform, names, store: credentialFile(path, { platform }) }
}

describe("a credential file", () => {
  it("returns what was written", async () => {
    const { store } = await file()
    await write(store)
    expect(await store.read()).toEqual({ credential: credential() })
  })

  it("holds Qwen Code's fields", async () => {
    const { store, path } = await file()
    await write(store)
    expect(await readFile(path, "utf8")).toBe(formatStoredCredential(credential()))
  })

  it.skipIf(process.platform === "win32")("can be read by its owner only", async () => {
    const { store, path } = await file()
    await write(store)
    expect([await modeOf(path), await modeOf(dirname(path))]).toEqual(["600", "700"])
  })

  it("means signed out, without a problem, if it is missing", async () => {
    const { store } = await file()
    expect(await store.read()).toEqual({})
  })

  it("means signed out, without a problem, if its folder is a file", async () => {
    const { path } = await file("")
    expect(await credentialFile(join(path, "oauth_token.json"), { platform: fakePlatform() }).read()).toEqual({})
  })

  it.each([
    ["empty", ""],
    ["half written", '{"access_token": "s3cr3tmarker", "refr'],
    ["without a refresh token", '{"access_token": "s3cr3tmarker", "expiry_date": 1}'],
    ["a list", '["s3cr3tmarker"]'],
    ["binary", "\u0000\u0001s3cr3tmarker"],
  ])(
    "that is %s means signed out, with a reason that names the path and does not quote the content",
    async (_, content) => {
      const { store, path } = await file(content)
      const { credential: none, problem } = await store.read()
      expect(none).toBeUndefined()
      expect(problem?.code).toBe("credential_unusable")
      expect(problem?.message).toBe(`The stored sign-in ${path} does not hold a complete sign-in.`)
      expect(problem?.remedy).toBe("Sign in again.")
      expect(inspect(problem, { depth: 10, showHidden: true })).not.toContain("s3cr3tmarker")
    },
  )

  it("that cannot be read means signed out, with the system's reason", async () => {
    const { store, path } = await file()
    await mkdir(path, { recursive: true })
    expect((await store.read()).problem?.message).toBe(`The stored sign-in ${path} cannot be read (EISDIR).`)
  })

  it("of a newer version of this program means signed out, with that reason", async () => {
    const { store, path } = await file('{"version": 2, "access_token": "s3cr3tmarker"}')
    const { problem } = await store.read()
    expect(problem?.code).toBe("credential_unusable")
    expect(problem?.message).toBe(`The stored sign-in ${path} was written by a newer version of this program.`)
  })

  it("cannot be written if its folder is a file", async () => {
    const { path } = await file("")
    const error = await failureOf(write(credentialFile(join(path, "oauth_token.json"), { platform: fakePlatform() })))
    expect(error.code).toBe("credential_not_stored")
    expect(error.message).toContain("ENOTDIR")
  })

  it("that cannot be written is an error with its cause, and leaves no temporary file", async () => {
    const { store, path, names } = await file()
    await mkdir(join(path, "occupied"), { recursive: true })
    const error = await failureOf(write(store, credential({ accessToken: "s3cr3tmarker" })))
    expect(error.code).toBe("credential_not_stored")
    expect(error.message).toMatch(/^The sign-in could not be stored in .*oauth_token\.json \([A-Z]+\)\.$/)
    expect(error.cause).toBeInstanceOf(Error)
    expect(inspect(error, { depth: 10 })).not.toContain("s3cr3tmarker")
    expect(await names()).toEqual(["oauth_token.json"])
  })

  it("is removed by `clear`, which can be called again", async () => {
    const { store } = await file()
    await write(store)
    await store.clear()
    await store.clear()
    expect(await store.read()).toEqual({})
  })
})

describe("a credential file that another program or an editor wrote", () => {
  const TEXT = formatStoredCredential(credential())
  const { token_type: _, expiry_date, ...tokens }: Record<string, unknown> = JSON.parse(TEXT)

  it.each([
    ["with a byte order mark", `\uFEFF${TEXT}`],
    ["with Windows line ends", TEXT.replaceAll("\n", "\r\n")],
    ["with space around it", ` \r\n\t${TEXT}\u00a0\n`],
    ["as UTF-16", Buffer.from(`\uFEFF${TEXT}`, "utf16le")],
    ["in the format of opencode-qwen-cli-auth", JSON.stringify({ ...tokens, expires: expiry_date })],
    ["in that format, with the time as text", JSON.stringify({ ...tokens, expires: String(expiry_date) })],
  ])("%s is read, and is replaced by our own format without a copy", async (_kind, content) => {
    const { store, path, names } = await file(content)
    expect(await store.read()).toEqual({ credential: credential() })
    const next = credential({ accessToken: "access-2" })
    await write(store, next)
    expect(await readFile(path, "utf8")).toBe(formatStoredCredential(next))
    expect(await names()).toEqual(["oauth_token.json"])
  })

  it("keeps the fields of other programs in a shared file with a byte order mark", async () => {
    const { path, platform } = await file(Buffer.from(`\uFEFF{"id_token": "x"}`, "utf16le"))
    await write(credentialFile(path, { platform, shared: true }))
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ id_token: "x", access_token: "access-1" })
  })

  it("that is too large means signed out, with that reason", async () => {
    const { store, path } = await file(`${TEXT}${" ".repeat(1024 * 1024)}`)
    expect((await store.read()).problem?.message).toBe(`The stored sign-in ${path} cannot be read (EFBIG).`)
  })
})

describe("clearing a credential file", () => {
  it("also removes the copy of an unusable file, because it may contain a token", async () => {
    const { store, names } = await file('{"access_token": "s3cr3tmarker"}')
    await write(store)
    expect(await names()).toEqual(["oauth_token.json", "oauth_token.json.unusable"])
    await store.clear()
    expect(await names()).toEqual([])
  })

  it("removes an unusable file, and a copy that is left of one", async () => {
    const { store, names, path } = await file("{")
    await store.clear()
    expect(await names()).toEqual([])
    await writeFile(`${path}.unusable`, "{")
    await store.clear()
    expect(await names()).toEqual([])
  })

  it("leaves other files in the folder alone", async () => {
    const { store, names, path } = await file("{")
    await writeFile(join(dirname(path), "oauth_token.json.mine"), "")
    await store.clear()
    expect(await names()).toEqual(["oauth_token.json.mine"])
  })

  it("under the lock leaves only the lock's folder", async () => {
    const { store, names } = await file()
    await write(store)
    await store.withLock(async (lock) => {
      await lock.reserveSpace()
      await store.clear()
    })
    expect(await names()).toEqual([])
    expect(await store.read()).toEqual({})
  })
})

describe.skipIf(process.platform === "win32")("a credential file that others may read", () => {
  it.each(["644", "660", "777"])(
    "of mode %s becomes readable by its owner only as soon as it is read",
    async (octal) => {
      const wide = Number.parseInt(octal, 8)
      const { store, path, platform } = await file(formatStoredCredential(credential()))
      await chmod(path, wide)
      expect(await store.read()).toEqual({ credential: credential() })
      expect(await modeOf(path)).toBe((wide & 0o600).toString(8))
      expect(platform.logged).toEqual([
        { level: "warn", message: "Other users could read the stored sign-in; now only you can.", fields: { path } },
      ])
      await store.read()
      expect(platform.logged).toHaveLength(1)
    },
  )

  it("is changed, with a warning, only once", async () => {
    const { store, path, platform } = await file(formatStoredCredential(credential()))
    await chmod(path, 0o400)
    await store.read()
    expect([await modeOf(path), platform.logged]).toEqual(["400", []])
  })
})

describe("an unusable file", () => {
  const UNUSABLE = ["{", '{"access_token": "a"}', '{"version": 2}', "\u0000"]

  it.each(UNUSABLE)("%j is replaced by the next sign-in, which keeps a copy", async (content) => {
    const { store, path, names } = await file(content)
    await chmod(path, 0o644)
    expect(await write(store)).toBe("stored")
    expect(await store.read()).toEqual({ credential: credential() })
    expect(await names()).toEqual(["oauth_token.json", "oauth_token.json.unusable"])
    expect(await readFile(`${path}.unusable`, "utf8")).toBe(content)
    if (process.platform !== "win32") expect(await modeOf(`${path}.unusable`)).toBe("600")
  })

  it.each(["", " \n"])("without content (%j) is replaced without a copy", async (content) => {
    const { store, names } = await file(content)
    await write(store)
    expect(await names()).toEqual(["oauth_token.json"])
  })

  it("is not changed by reading or by locking without a write", async () => {
    const { store, names } = await file("{")
    await store.read()
    await store.withLock(() => store.read())
    expect(await names()).toEqual(["oauth_token.json"])
  })

  it("is not copied again after a valid one replaced it", async () => {
    const { store, path } = await file("{")
    await write(store)
    await write(store, credential({ accessToken: "access-2" }))
    expect(await readFile(`${path}.unusable`, "utf8")).toBe("{")
  })
})
