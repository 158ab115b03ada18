import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { accountEntry } from "./host-record.ts"
import { hostRecordReader, type LoadedSignIn } from "./host-record-reader.ts"

const ENTRY = { type: "oauth", ...accountEntry(credential()) }
const FOREIGN = { type: "api", key: "sk-12345678" }
const never = () => new Promise<never>(() => {})

/** OpenCode's record at each read. The last one stays. */
function readerWith(...looks: readonly (() => unknown)[]) {
  const platform = fakePlatform()
  const reads = { times: 0 }
  const loaded: LoadedSignIn = {
    readEntry: async () => {
      const look = looks[Math.min(reads.times++, looks.length - 1)]
      return look?.()
    },
  }
  return { platform, loaded, read: hostRecordReader(platform, loaded), reads }
}

describe("before OpenCode has loaded the provider", () => {
  it("its record is unknown", async () => {
    const read = hostRecordReader(fakePlatform(), {})
    expect(await read()).toBeUndefined()
  })
})

describe("OpenCode's record", () => {
  it("is read each time", async () => {
    const { read, reads } = readerWith(
      () => ENTRY,
      () => FOREIGN,
    )
    expect(await read()).toEqual({ kind: "account", credential: credential() })
    expect(await read()).toEqual({ kind: "other" })
    expect(reads.times).toBe(2)
  })

  it.each([ENTRY, FOREIGN])("is read once if it is not empty, and leaves no timer", async (entry) => {
    const { read, reads, platform } = readerWith(() => entry)
    await read()
    expect(reads.times).toBe(1)
    expect(platform.waits).toEqual([])
    expect(platform.openWaits()).toBe(0)
  })

  it("is read again if it is empty, because OpenCode may be replacing its file", async () => {
    const { read, reads, platform } = readerWith(
      () => undefined,
      () => ENTRY,
    )
    expect(await read()).toMatchObject({ kind: "account" })
    expect(reads.times).toBe(2)
    expect(platform.waits).toEqual([100])
  })

  it("is empty if both reads give nothing", async () => {
    const { read, reads } = readerWith(() => undefined)
    expect(await read()).toEqual({ kind: "none" })
    expect(reads.times).toBe(2)
  })

  it("is that of the provider's latest load", async () => {
    const { read, loaded } = readerWith(() => ENTRY)
    loaded.readEntry = async () => FOREIGN
    expect(await read()).toEqual({ kind: "other" })
  })
})

describe("an OpenCode that does not respond", () => {
  it("is an error after 2 seconds", async () => {
    const { read, platform } = readerWith(never)
    const error = await failureOf(read())
    expect(error.code).toBe("service_unreachable")
    expect(error.message).toBe("OpenCode did not return its stored sign-in in time.")
    expect(platform.waits).toEqual([2_000])
    expect(platform.openWaits()).toBe(0)
  })

  it("is an error after as long at the second read", async () => {
    const { read, platform } = readerWith(() => undefined, never)
    expect((await failureOf(read())).code).toBe("service_unreachable")
    expect(platform.waits).toEqual([100, 2_000])
  })

  it.each<[string, () => unknown]>([
    ["rejects", () => Promise.reject(new Error("auth.json is broken"))],
    [
      "throws",
      () => {
        throw new Error("auth.json is broken")
      },
    ],
  ])("that %s passes its error on and leaves no timer", async (_, look) => {
    const platform = fakePlatform()
    // As a function of a host that is not async.
    const read = hostRecordReader(platform, { readEntry: () => Promise.resolve(look()) })
    await expect(read()).rejects.toThrow("auth.json is broken")
    await settle()
    expect(platform.openWaits()).toBe(0)
  })
})
