import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { gate, settle } from "qwen-auth-testing/gate"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, test } from "vitest"
import { newest, oldest } from "./behaviour.ts"
import { START } from "./clock.ts"
import { memoryDatabase } from "./database.ts"
import {
  authorization,
  CODER,
  contextOf,
  HOUR_MS,
  hostWith,
  messageOf,
  oauth,
  pluginModule,
  signsIn,
  stream,
} from "./plugin-fixture.ts"
import { startHost } from "./start-host.ts"
import type { OAuth } from "./types.ts"

const temporaryFolder = temporaryFolders()
const ok = async () => stream("hello")

/** A database with one account. */
function accountDatabase(fields: Partial<OAuth> = {}) {
  const database = memoryDatabase()
  database.credentials.push({ id: "cred_0", integrationID: "alibaba", label: "A", value: oauth(fields) })
  return database
}

/** A method whose refresh counts its calls. */
function refreshing(result: (n: number, from: OAuth) => Partial<OAuth> | Promise<Partial<OAuth>>) {
  const calls: OAuth[] = []
  const setup = signsIn({
    async refresh(credential) {
      calls.push(credential)
      return oauth(await result(calls.length, credential))
    },
  })
  return { calls, setup }
}

describe("a credential", () => {
  test.each([
    [300_000, 1],
    [300_001, 0],
  ])("is refreshed when %i ms are left: %i times", async (left, times) => {
    const { calls, setup } = refreshing(() => ({ access: "access-2", expires: START + HOUR_MS }))
    const database = accountDatabase({ expires: START + left })
    const { host } = await hostWith(setup, { database, fetch: ok })
    await host.prompt("s", "hi", CODER)
    await host.prompt("s", "again", CODER)
    expect(calls).toHaveLength(times)
    const sent = host.requests.map(({ headers }) => headers.get("authorization"))
    expect(sent).toEqual(times === 1 ? ["Bearer access-2", "Bearer access-2"] : ["Bearer access-1", "Bearer access-1"])
  })

  test("has no margin in a version without one", async () => {
    const { calls, setup } = refreshing(() => ({}))
    const behaviour = { ...newest, refreshMarginMs: 0 }
    const { host } = await hostWith(setup, { database: accountDatabase({ expires: START + 1 }), fetch: ok, behaviour })
    await host.prompt("s", "hi", CODER)
    expect(calls).toHaveLength(0)
  })

  test("that lives five minutes is refreshed at every request", async () => {
    const { calls, setup } = refreshing(() => ({ expires: START + 300_000 }))
    const { host } = await hostWith(setup, { database: accountDatabase({ expires: START }), fetch: ok })
    for (const text of ["1", "2", "3"]) await host.prompt("s", text, CODER)
    expect(calls).toHaveLength(3)
  })

  test("is refreshed by the method of its methodID", async () => {
    const { host } = await hostWith(
      async (context) => {
        await signsIn({ id: "other", refresh: async () => oauth({ access: "wrong" }) })(context)
        await signsIn({ id: "oauth", refresh: async () => oauth({ access: "right" }) })(context)
      },
      { database: accountDatabase({ expires: START }), fetch: ok },
    )
    await host.prompt("s", "hi", CODER)
    expect(host.requests[0]?.headers.get("authorization")).toBe("Bearer right")
  })

  test.each([
    ["used", "hello", undefined],
    ["refused", "", "The credential has expired."],
  ] as const)("of a method without refresh is %s when it is due", async (expiredWithoutRefresh, text, message) => {
    const { host } = await hostWith(signsIn(), {
      database: accountDatabase({ expires: START }),
      fetch: ok,
      behaviour: { ...newest, expiredWithoutRefresh },
    })
    const result = await host.prompt("s", "hi", CODER)
    expect([result.text, result.error?.message]).toEqual([text, message])
  })

  test("whose refresh rejects fails the request with its message, once", async () => {
    const { calls, setup } = refreshing(async () => {
      throw new Error("Sign in again.")
    })
    const { host } = await hostWith(setup, { database: accountDatabase({ expires: START }), fetch: ok })
    const { error } = await host.prompt("s", "hi", CODER)
    expect(error).toMatchObject({ type: "unknown", message: "Sign in again.", retryable: false })
    expect([calls.length, host.requests.length]).toEqual([1, 0])
  })

  test("whose refresh gives something invalid stays as it was", async () => {
    const { setup } = refreshing(() => ({ expires: 0.5 }))
    const { host } = await hostWith(setup, { database: accountDatabase({ expires: START }), fetch: ok })
    expect((await host.prompt("s", "hi", CODER)).error?.message).toBe("Schema validation failed")
    expect(host.credentials()[0]?.value).toEqual(oauth({ expires: START }))
  })

  test("that is removed during its refresh is not stored again", async () => {
    const result = gate<Partial<OAuth>>()
    const { setup, calls } = refreshing(() => result.promise)
    const types: string[] = []
    const { host } = await hostWith(
      async (context) => {
        const events = context.event.subscribe()
        void (async () => {
          for await (const { type } of events) types.push(type)
        })()
        await setup(context)
      },
      { database: accountDatabase({ expires: START }), fetch: ok },
    )
    const prompt = host.prompt("s", "hi", CODER)
    while (calls.length === 0) await new Promise((resolve) => setImmediate(resolve))
    host.removeCredential("cred_0")
    result.open({})
    await prompt
    await settle()
    expect(host.credentials()).toEqual([])
    // Of the removal alone.
    expect(types).toEqual(["credential.updated"])
  })
})

test.each([
  ["joined", true, 1],
  ["not joined", false, 2],
])("refreshes of two directories are %s", async (_, joinsRefresh, times) => {
  const result = gate<Partial<OAuth>>()
  const { calls, setup } = refreshing(() => result.promise)
  const { host } = await hostWith(setup, {
    database: accountDatabase({ expires: START }),
    fetch: ok,
    behaviour: { ...newest, joinsRefresh },
  })
  await host.open("/other")
  const turns = [
    host.prompt("a", "hi", { ...CODER, directory: "/project" }),
    host.prompt("b", "hi", { ...CODER, directory: "/other" }),
  ]
  while (calls.length < times) await new Promise((resolve) => setImmediate(resolve))
  result.open({ access: "access-2" })
  await Promise.all(turns)
  expect(calls).toHaveLength(times)
  expect(host.requests.map(({ headers }) => headers.get("authorization"))).toEqual([
    "Bearer access-2",
    "Bearer access-2",
  ])
})

test("two processes over one database do not join", async () => {
  const database = accountDatabase({ expires: START })
  const result = gate<Partial<OAuth>>()
  const { calls, setup } = refreshing(() => result.promise)
  const [one, two] = [await hostWith(setup, { database, fetch: ok }), await hostWith(setup, { database, fetch: ok })]
  const turns = [one.host.prompt("a", "hi", CODER), two.host.prompt("b", "hi", CODER)]
  while (calls.length < 2) await new Promise((resolve) => setImmediate(resolve))
  result.open({})
  await Promise.all(turns)
  expect(calls).toHaveLength(2)
})

describe("the active connection", () => {
  const accounts = async (behaviour = newest) => {
    let access = 0
    const authorize = async () => authorization(Promise.resolve(oauth({ access: `access-${++access}` })))
    const started = await contextOf({ behaviour, fetch: ok }, signsIn({ authorize }))
    await started.host.connect("alibaba", "oauth", undefined, { label: "first" })
    await started.host.connect("alibaba", "oauth", undefined, { label: "second" })
    const [first, second] = started.host.credentials().map(({ id }) => id)
    return { ...started, first: first ?? "", second: second ?? "" }
  }

  test.each([oldest, newest])("is the newest one, and after its removal the one before", async (behaviour) => {
    const { host, second } = await accounts(behaviour)
    expect(await host.active("alibaba")).toMatchObject({ type: "credential", label: "second", method: "oauth" })
    host.removeCredential(second)
    expect(await host.active("alibaba")).toMatchObject({ label: "first" })
  })

  test("is the activated one in newer versions, and requests follow it", async () => {
    const { host, first } = await accounts()
    host.switchCredential(first)
    await host.prompt("s", "hi", CODER)
    expect(host.requests[0]?.headers.get("authorization")).toBe("Bearer access-1")
    await host.connect("alibaba", "key", undefined, { key: "sk-new" })
    expect(await host.active("alibaba")).toMatchObject({ method: "key" })
  })

  test("cannot be switched in older versions", async () => {
    const { host, first } = await accounts(oldest)
    expect(() => host.switchCredential(first)).toThrow("In this version the newest credential is active.")
  })

  test.each([
    ["names", "OURS", "sk-ours"],
    ["reversed", "DASHSCOPE_API_KEY", "sk-other"],
  ] as const)("is a variable only when nothing is stored: %s", async (envOrder, name, key) => {
    const { host, context } = await contextOf(
      {
        environment: { OURS: "sk-ours", DASHSCOPE_API_KEY: "sk-other", EMPTY: "" },
        behaviour: { ...newest, envOrder },
      },
      async ({ integration }) => {
        await integration.transform(({ method }) => {
          method.update({
            integrationID: "alibaba",
            method: { type: "env", names: ["EMPTY", "OURS", "DASHSCOPE_API_KEY"] },
          })
        })
      },
    )
    const { connection } = context.integration
    const active = await connection.active("alibaba")
    expect(active).toEqual({ type: "env", name })
    expect(active && (await connection.resolve(active))).toEqual({ type: "key", key })
    await host.connect("alibaba", "key", undefined, { key: "sk-stored" })
    expect(await connection.active("alibaba")).toMatchObject({ type: "credential" })
  })

  test("resolves to nothing when it is gone", async () => {
    const { host, context, second } = await accounts()
    const active = await context.integration.connection.active("alibaba")
    host.removeCredential(second)
    expect(active && (await context.integration.connection.resolve(active))).toBeUndefined()
  })
})

test("events report stored, switched, refreshed and removed credentials", async () => {
  const types: string[] = []
  const { host } = await hostWith(
    async (context) => {
      const stream = context.event.subscribe()
      void (async () => {
        for await (const { type } of stream) types.push(type)
      })()
      await signsIn({ refresh: async () => oauth() })(context)
    },
    { database: accountDatabase({ expires: START }), fetch: ok },
  )
  await host.prompt("s", "hi", CODER)
  await host.connect("alibaba", "key", undefined, { key: "sk" })
  host.switchCredential("cred_0")
  host.removeCredential("cred_0")
  await host.close()
  await settle()
  expect(types).toEqual([
    "credential.updated",
    "credential.updated",
    "credential.switched",
    "credential.switched",
    "credential.updated",
  ])
})

describe("1.x's auth.json", () => {
  async function authJson(): Promise<string> {
    const file = join(await temporaryFolder(), "auth.json")
    const entries = {
      alibaba: {
        type: "oauth",
        access: "a",
        refresh: "r",
        expires: 5,
        accountId: "acc",
        enterpriseUrl: "https://portal.qwen.ai",
      },
      "alibaba-cn": { type: "api", key: "sk-1", metadata: { plan: "coding" } },
      other: { type: "wellknown", key: "k", token: "t" },
    }
    await writeFile(file, JSON.stringify(entries))
    return file
  }

  test.each([
    ["of 1.x", "1.x", false, 2],
    ["that 2.x made, where it is not imported", "2.x", false, 0],
    ["that 2.x made, where it is", "2.x", true, 2],
  ] as const)("and a database %s", async (_, madeBy, importsIntoNewDatabase, count) => {
    const database = memoryDatabase(madeBy)
    const options = { database, authJson: await authJson(), behaviour: { ...newest, importsIntoNewDatabase } }
    await startHost(options)
    expect(database.credentials).toHaveLength(count)
    if (count === 0) return
    expect(database.credentials.map(({ integrationID, value }) => [integrationID, value])).toEqual([
      [
        "alibaba",
        oauth({
          access: "a",
          refresh: "r",
          expires: 5,
          metadata: { accountID: "acc", enterpriseUrl: "https://portal.qwen.ai" },
        }),
      ],
      ["alibaba-cn", { type: "key", key: "sk-1", metadata: { plan: "coding" } }],
    ])
    database.credentials.splice(0)
    await startHost(options)
    expect(database.credentials).toHaveLength(0)
  })
})

test("the plugin can store a key and start a sign-in itself", async () => {
  const { host, context } = await contextOf({}, signsIn())
  await context.integration.connect.key({ integrationID: "alibaba", key: "sk", label: "found" })
  const { data } = await context.integration.oauth.connect({ integrationID: "alibaba", methodID: "oauth" })
  const reference = { integrationID: "alibaba", attemptID: data.attemptID }
  await new Promise((resolve) => setImmediate(resolve))
  expect((await context.integration.oauth.status(reference)).data).toEqual({ status: "complete" })
  expect(host.credentials().map(({ label }) => label)).toEqual(["found", "Alibaba"])
  const missing = { integrationID: "alibaba", methodID: "missing" }
  expect(await messageOf(context.integration.oauth.connect(missing))).toBe("There is no method missing.")
})

test("an expired account is not changed without the plugin", async () => {
  const host = await startHost({ database: accountDatabase({ expires: 0 }), fetch: ok })
  await host.install(pluginModule(() => {}))
  await host.open("/project")
  expect((await host.prompt("s", "hi", CODER)).text).toBe("hello")
  await host.close()
})
