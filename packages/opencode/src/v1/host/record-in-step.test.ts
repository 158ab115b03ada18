import type { OAuthCredential } from "qwen-auth-core"
import { CredentialManager } from "qwen-auth-core/internal"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { expiring, renewal } from "qwen-auth-testing/managed"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { after } from "qwen-auth-testing/replies"
import { credential, HOUR, MINUTE, SERVER } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { fakeHost } from "../testing/fake-host.ts"
import { accountEntry, keyEntry, parseHostRecord, publishToHost } from "./host-record.ts"
import { hostRecordStore } from "./host-record-store.ts"

const entry = (account: OAuthCredential) => ({ type: "oauth", ...accountEntry(account) })
const keyRecord = {
  type: "api",
  ...keyEntry({
    apiKey: "sk-sp-key-of-the-test",
    plan: "coding-plan",
    region: "international",
    baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
  }),
}

/** The new account's token, which expires a second before the refreshed token of the old account. */
const fresh = credential({
  accessToken: "access-new",
  refreshToken: "refresh-new",
  expiresAt: expiring(6 * HOUR).expiresAt - 1_000,
})

/**
 * Windows of OpenCode that share our file and OpenCode's record, which takes what it is given when the test says so.
 */
function sharedRecord() {
  const file = memoryStore(expiring(MINUTE))
  const record: { entry: unknown } = { entry: entry(expiring(MINUTE)) }
  const taking = gate()
  const openWindow = (replies: readonly Reply[] = []) => {
    const platform = fakePlatform({ replies, autoAdvance: false })
    const { client, calls } = fakeHost(async () => {
      const [call] = calls.slice(-1)
      await taking.promise
      record.entry = Object(call?.options).body
    })
    const read = async () => parseHostRecord(record.entry)
    const manager = new CredentialManager({
      platform,
      server: SERVER,
      store: hostRecordStore(file, read, platform.log),
      publish: async (renewed, replaced) => publishToHost(client, await read(), renewed, replaced),
    })
    /** Stores the result of the sign-in in the record, as OpenCode does. */
    const signIn = async () => {
      await manager.setCredential(fresh)
      record.entry = entry(fresh)
    }
    return { manager, signIn, calls }
  }
  return { file, record, taking, openWindow }
}

describe("OpenCode's record during a refresh of the old account", () => {
  it.each([
    ["in the same window, while the service answers", "same", "answer"],
    ["in another window, while the service answers", "other", "answer"],
    ["in the same window, while OpenCode stores the refreshed token", "same", "host"],
    ["in another window, while OpenCode stores the refreshed token", "other", "host"],
  ])("finally has the account of a sign-in %s", async (_, where, when) => {
    const { file, record, taking, openWindow } = sharedRecord()
    const answer = gate()
    const first = openWindow([after(answer.promise, renewal(2))])
    const { signIn } = where === "same" ? first : openWindow()
    const renewing = first.manager.getCredential()
    await settle()
    if (when === "host") answer.open()
    await settle()
    const signedIn = signIn()
    await settle()
    answer.open()
    await settle()
    taking.open()
    await Promise.all([renewing, signedIn])
    expect(record.entry).toEqual(entry(fresh))
    expect(file.stored).toEqual({ credential: fresh })
    expect(await openWindow().manager.getCredential()).toEqual(fresh)
  })

  it.each([
    ["a sign-out", undefined],
    ["an API key instead of the account", keyRecord],
    ["another account, which is not in the plugin's file", entry(fresh)],
  ])("is not changed after %s", async (_, left) => {
    const { record, taking, openWindow } = sharedRecord()
    const answer = gate()
    const { manager, calls } = openWindow([after(answer.promise, renewal(2))])
    taking.open()
    const renewing = manager.getCredential()
    await settle()
    record.entry = left
    answer.open()
    await renewing
    expect(calls).toEqual([])
    expect(record.entry).toEqual(left)
  })
})
