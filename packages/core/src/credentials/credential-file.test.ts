import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { failureOf } from "../testing/failure-of.ts"
import { fakeWorld } from "../testing/fake-world.ts"
import { gate } from "../testing/gate.ts"
import { credential } from "../testing/samples.ts"
import { temporaryFolders } from "../testing/temporary-folder.ts"
import { credentialFile } from "./credential-file.ts"
import { formatCredentialJson } from "./credential-json.ts"

const temporaryFolder = temporaryFolders()

async function file(content?: string) {
  const path = join(await temporaryFolder(), "qwen", "oauth_token.json")
  if (content !== undefined) {
    await mkdir(dirname(path))
    await writeFile(path, content)
  }
  return { path, store: credentialFile(fakeWorld(), path) }
}

describe("a credential file", () => {
  it("gives back what was written", async () => {
    const { store } = await file()
    await store.write(credential())
    expect(await store.read()).toEqual({ credential: credential() })
  })

  it("holds Qwen Code's fields", async () => {
    const { store, path } = await file()
    await store.write(credential())
    expect(await readFile(path, "utf8")).toBe(formatCredentialJson(credential()))
  })

  it.skipIf(process.platform === "win32")("is its owner's alone", async () => {
    const { store, path } = await file()
    await store.write(credential())
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
  })

  it("that is missing is signed out, without a problem", async () => {
    const { store } = await file()
    expect(await store.read()).toEqual({})
  })

  it("whose folder is a file is signed out, without a problem", async () => {
    const { path } = await file("")
    expect(await credentialFile(fakeWorld(), join(path, "oauth_token.json")).read()).toEqual({})
  })

  it.each([
    ["empty", ""],
    ["half written", '{"access_token": "s3cr3tmarker", "refr'],
    ["without a refresh token", '{"access_token": "s3cr3tmarker", "expiry_date": 1}'],
    ["of another kind", '["s3cr3tmarker"]'],
    ["not text", "\u0000\u0001s3cr3tmarker"],
  ])("that is %s is signed out with a reason that names the path and quotes nothing", async (_, content) => {
    const { store, path } = await file(content)
    const { credential: none, problem } = await store.read()
    expect(none).toBeUndefined()
    expect(problem?.code).toBe("credential_unusable")
    expect(problem?.message).toBe(`The stored sign-in ${path} does not hold a complete sign-in.`)
    expect(problem?.remedy).toBe("Sign in again.")
    expect(inspect(problem, { depth: 10, showHidden: true })).not.toContain("s3cr3tmarker")
  })

  it("that cannot be read is signed out with the system's reason", async () => {
    const { store, path } = await file()
    await mkdir(path, { recursive: true })
    expect((await store.read()).problem?.message).toBe(`The stored sign-in ${path} cannot be read (EISDIR).`)
  })

  it("that is corrupt is replaced by the next sign-in", async () => {
    const { store } = await file("{")
    await store.write(credential())
    expect(await store.read()).toEqual({ credential: credential() })
  })

  it("that cannot be written says so, keeps the cause and leaves no temporary file", async () => {
    const { store, path } = await file()
    await mkdir(join(path, "occupied"), { recursive: true })
    const error = await failureOf(store.write(credential({ accessToken: "s3cr3tmarker" })))
    expect(error.code).toBe("credential_not_stored")
    expect(error.message).toMatch(/^The sign-in could not be stored in .*oauth_token\.json \([A-Z]+\)\.$/)
    expect(error.cause).toBeInstanceOf(Error)
    expect(inspect(error, { depth: 10 })).not.toContain("s3cr3tmarker")
    expect(await readdir(dirname(path))).toEqual(["oauth_token.json"])
  })

  it("is gone after clear, and clear again is no error", async () => {
    const { store } = await file()
    await store.write(credential())
    await store.clear()
    await store.clear()
    expect(await store.read()).toEqual({})
  })
})

describe("exclusive", () => {
  it("runs one task after the other, in order", async () => {
    const { store } = await file()
    const first = gate()
    const events: string[] = []
    const one = store.exclusive(async () => {
      events.push("one begins")
      await first.promise
      events.push("one ends")
      return 1
    })
    const two = store.exclusive(async () => {
      events.push("two")
      return 2
    })
    first.open()
    expect(await Promise.all([one, two])).toEqual([1, 2])
    expect(events).toEqual(["one begins", "one ends", "two"])
  })

  it("goes on after a task that failed, and the failure reaches its own caller only", async () => {
    const { store } = await file()
    const one = store.exclusive(() => Promise.reject(new Error("no")))
    const two = store.exclusive(async () => 2)
    await expect(one).rejects.toThrow("no")
    expect(await two).toBe(2)
  })
})
