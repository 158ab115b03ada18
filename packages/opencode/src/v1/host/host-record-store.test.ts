import { QwenAuthError } from "qwen-auth-core"
import { fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import type { HostRecord } from "./host-record.ts"
import { hostRecordStore } from "./host-record-store.ts"

const recorded = credential({ accessToken: "access-of-host" })

/** @param record OpenCode's account; undefined before it has loaded the provider */
function setUp(stored: Parameters<typeof memoryStore>[0], record: () => Promise<typeof recorded | undefined>) {
  const file = memoryStore(stored)
  const { log, logged } = fakePlatform()
  const readHostRecord = async (): Promise<HostRecord | undefined> => {
    const present = await record()
    return present && { kind: "account", credential: present }
  }
  return { file, logged, store: hostRecordStore(file, readHostRecord, log) }
}

describe("the plugin's file beside OpenCode's record", () => {
  it("uses the record when there is no file", async () => {
    const { store, file } = setUp(undefined, async () => recorded)
    expect(await store.read()).toEqual({ credential: recorded })
    expect(file.stored).toEqual({})
  })

  it("uses the record when the file cannot be used", async () => {
    const { store, file } = setUp(undefined, async () => recorded)
    file.stored = { problem: new QwenAuthError("authentication_required", "The file is broken.") }
    expect(await store.read()).toEqual({ credential: recorded })
  })

  it("writes nothing when it reads, because only the holder of the lock may replace the file", async () => {
    const { store, file } = setUp(credential({ expiresAt: START }), async () => recorded)
    await store.read()
    expect(file.writes).toEqual([])
  })

  it("uses a record that expires later, for example in a copied auth.json", async () => {
    const { store } = setUp(credential({ expiresAt: START }), async () => recorded)
    expect(await store.read()).toEqual({ credential: recorded })
  })

  it.each([0, 1])("uses the file when the record expires %i ms earlier", async (earlierMs) => {
    const stored = credential({ expiresAt: recorded.expiresAt + earlierMs })
    const { store, file } = setUp(stored, async () => recorded)
    expect(await store.read()).toEqual({ credential: stored })
    expect(file.writes).toEqual([])
  })

  it("uses a record that expires later, whenever it appears", async () => {
    const record: { present: typeof recorded | undefined } = { present: undefined }
    const stored = credential({ expiresAt: START })
    const { store } = setUp(stored, async () => record.present)
    expect(await store.read()).toEqual({ credential: stored })
    record.present = recorded
    expect(await store.read()).toEqual({ credential: recorded })
  })

  it("uses the record again when the file is removed", async () => {
    const { store, file } = setUp(credential(), async () => recorded)
    await store.read()
    await file.clear()
    expect(await store.read()).toEqual({ credential: recorded })
  })

  it("is signed out with the file's problem before OpenCode has loaded the provider", async () => {
    const { store, file } = setUp(undefined, async () => undefined)
    expect(await store.read()).toEqual({})
    file.stored = { problem: new QwenAuthError("authentication_required", "The file is broken.") }
    expect(await store.read()).toBe(file.stored)
  })

  it.each([
    ["a good file", credential()],
    ["no file", undefined],
  ])("uses the file with %s when the record cannot be read", async (_, stored) => {
    const { store, file, logged } = setUp(stored, () => Promise.reject(new Error("auth.json is broken")))
    expect(await store.read()).toEqual(file.stored)
    expect(logged.map(({ level }) => level)).toEqual(["warn"])
  })

  it.each<[HostRecord["kind"], string]>([
    ["none", "authentication_required"],
    ["other", "sign_in_changed"],
  ])("is signed out, whatever the file contains, when OpenCode's record is %s", async (kind, code) => {
    const record: HostRecord = kind === "none" ? { kind } : { kind: "other" }
    const store = hostRecordStore(memoryStore(credential()), async () => record, fakePlatform().log)
    expect((await store.read()).problem?.code).toBe(code)
  })

  it("writes, clears and locks as the file does", async () => {
    const { store, file } = setUp(undefined, async () => undefined)
    await store.withLock((lock) => lock.write(recorded))
    expect(file.stored).toEqual({ credential: recorded })
    await store.clear()
    expect(file.stored).toEqual({})
  })
})
