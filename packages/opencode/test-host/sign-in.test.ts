import { gate, settle } from "qwen-auth-testing/gate"
import { describe, expect, test } from "vitest"
import { newest, oldest } from "./behaviour.ts"
import { START } from "./clock.ts"
import { authorization, contextOf, hostWith, messageOf, oauth, signsIn } from "./plugin-fixture.ts"
import type { OAuth } from "./types.ts"

const PLAN = {
  key: "plan",
  type: "string",
  required: true,
  options: [
    { value: "coding", label: "Coding Plan" },
    { value: "token", label: "Token Plan" },
  ],
}
const REGION = { key: "region", type: "string", when: [{ key: "plan", op: "eq", value: "token" }], minLength: 2 }
const rejects = async () => {
  throw new Error("our message")
}

test("a sign-in shows the instructions, then the URL, and adds a credential", async () => {
  const { host } = await hostWith(signsIn())
  expect(await host.connect("alibaba", "oauth")).toEqual({ status: "complete" })
  expect(host.printed).toEqual(["Enter ABCD", "https://qwen.test/device"])
  expect(host.credentials()).toMatchObject([{ integrationID: "alibaba", label: "Alibaba", value: oauth() }])
})

test.each([
  [oldest, []],
  [newest, ["QR https://qwen.test/device"]],
])("a device sign-in shows a QR code in newer versions", async (behaviour, qr) => {
  const authorize = async () => authorization(Promise.resolve(oauth()), { device: true })
  const { host } = await hostWith(signsIn({ authorize }), { behaviour })
  await host.connect("alibaba", "oauth")
  expect(host.printed.slice(2)).toEqual(qr)
})

test("the user reads the message of the callback's rejection", async () => {
  const { host } = await hostWith(signsIn({ authorize: async () => authorization(rejects()) }))
  expect(await host.connect("alibaba", "oauth")).toEqual({ status: "failed", message: "our message" })
  expect(host.credentials()).toEqual([])
})

test.each([
  ["empty", ""],
  ["general-text", "Internal server error"],
] as const)("the message of an authorize that rejects is lost: %s", async (authorizeRejection, message) => {
  const { host } = await hostWith(signsIn({ authorize: rejects }), { behaviour: { ...newest, authorizeRejection } })
  expect(await host.connect("alibaba", "oauth")).toEqual({ status: "failed", message, httpStatus: 500 })
})

test.each(["at-once", "next-turn"] as const)("the host handles the callback %s", async (callbackHandler) => {
  const { host } = await hostWith(signsIn({ authorize: async () => authorization(rejects()) }), {
    behaviour: { ...newest, callbackHandler },
  })
  expect(await host.connect("alibaba", "oauth")).toMatchObject({ status: "failed", message: "our message" })
})

test.each([
  ["at-once", 0],
  ["next-turn", 1],
] as const)(
  "a rejection without a handler of the plugin's, handled %s, is unhandled %i times",
  async (callbackHandler, times) => {
    const others = process.listeners("unhandledRejection")
    process.removeAllListeners("unhandledRejection")
    let unhandled = 0
    let handledLate = 0
    process.on("unhandledRejection", () => void unhandled++)
    // Without a listener, Node warns of a rejection that is handled late.
    const onHandledLate = () => void handledLate++
    process.on("rejectionHandled", onHandledLate)
    try {
      const authorize = async () => ({
        ...authorization(Promise.resolve(oauth())),
        mode: "auto" as const,
        callback: rejects(),
      })
      const { host } = await hostWith(signsIn({ authorize }), { behaviour: { ...newest, callbackHandler } })
      expect(await host.connect("alibaba", "oauth")).toMatchObject({ status: "failed", message: "our message" })
      await settle()
      expect({ unhandled, handledLate }).toEqual({ unhandled: times, handledLate: times })
    } finally {
      process.off("rejectionHandled", onHandledLate)
      process.removeAllListeners("unhandledRejection")
      for (const listener of others) process.on("unhandledRejection", listener)
    }
  },
)

describe("the result", () => {
  test.each<[string, object]>([
    ["a fractional expires", { expires: 1.5 }],
    ["a negative expires", { expires: -1 }],
    ["no methodID", { methodID: undefined }],
    ["metadata that is not JSON", { metadata: { at: new Date(0) } }],
    ["metadata that JSON would drop", { metadata: { plan: undefined } }],
  ])("fails the attempt with %s", async (_, fields) => {
    const credential: OAuth = Object.assign(oauth(), fields)
    const { host } = await hostWith(signsIn({ authorize: async () => authorization(Promise.resolve(credential)) }))
    expect(await host.connect("alibaba", "oauth")).toEqual({ status: "failed", message: "Schema validation failed" })
    expect(host.credentials()).toEqual([])
  })

  test("is not checked in a version without the check", async () => {
    const callback = Promise.resolve(oauth({ expires: 1.5 }))
    const { host } = await hostWith(signsIn({ authorize: async () => authorization(callback) }), {
      behaviour: { ...newest, oauthResult: "unchecked" },
    })
    expect(await host.connect("alibaba", "oauth")).toEqual({ status: "complete" })
  })

  test("loses its unknown fields", async () => {
    const callback = Promise.resolve(Object.assign(oauth(), { resource_url: "https://qwen.test" }))
    const { host } = await hostWith(signsIn({ authorize: async () => authorization(callback) }))
    await host.connect("alibaba", "oauth")
    expect(host.credentials()[0]?.value).toEqual(oauth())
  })
})

describe("an attempt", () => {
  test.each([
    ["10 minutes", {}, 600_000],
    ["until expiresAt", { expiresAt: START + 90_000 }, 90_000],
  ])("lives %s, and its late result is not stored", async (_, fields, ms) => {
    const result = gate<OAuth>()
    const { host, clock } = await hostWith(signsIn({ authorize: async () => authorization(result.promise, fields) }))
    const signIn = await host.connect("alibaba", "oauth", undefined, {
      onShown: () => setImmediate(() => clock.advance(ms)),
    })
    expect(signIn.status).toBe("expired")
    result.open(oauth())
    await settle()
    expect(host.credentials()).toEqual([])
  })

  test("is still alive a millisecond before its end", async () => {
    const result = gate<OAuth>()
    const { host, clock } = await hostWith(signsIn({ authorize: async () => authorization(result.promise) }))
    const onShown = () => {
      clock.advance(599_999)
      result.open(oauth())
    }
    expect((await host.connect("alibaba", "oauth", undefined, { onShown })).status).toBe("complete")
  })

  test("can be cancelled, without a notice to the plugin", async () => {
    const result = gate<OAuth>()
    const { host } = await hostWith(signsIn({ authorize: async () => authorization(result.promise) }))
    const signIn = await host.connect("alibaba", "oauth", undefined, { onShown: (_, { cancel }) => cancel() })
    expect(signIn.status).toBe("cancelled")
    result.open(oauth())
    await settle()
    expect(host.credentials()).toEqual([])
  })

  test("belongs to its directory", async () => {
    const result = gate<OAuth>()
    const { host, context } = await contextOf({}, signsIn({ authorize: async () => authorization(result.promise) }))
    const contexts: (typeof context)[] = []
    await host.install({ default: { id: "other", setup: (given: typeof context) => void contexts.push(given) } })
    await host.open("/other")
    const { data } = await context.integration.oauth.connect({ integrationID: "alibaba", methodID: "oauth" })
    const reference = { integrationID: "alibaba", attemptID: data.attemptID }
    expect((await context.integration.oauth.status(reference)).data).toEqual({ status: "pending" })
    const other = contexts.find(({ location }) => location.directory === "/other")
    expect(await messageOf(Promise.resolve(other?.integration.oauth.status(reference)))).toContain(
      "There is no attempt",
    )
    expect((await context.integration.oauth.cancel(reference)).data).toEqual({ status: "cancelled" })
  })

  test("with a code completes with the callback's result for it", async () => {
    const authorize = async () => ({
      mode: "code" as const,
      url: "https://qwen.test",
      instructions: "Paste the code",
      callback: async (code: string) => oauth({ access: `access of ${code}` }),
    })
    const { host } = await hostWith(signsIn({ authorize }))
    expect(await host.connect("alibaba", "oauth", undefined, { code: "1234" })).toEqual({ status: "complete" })
    expect(host.credentials()).toMatchObject([{ value: { access: "access of 1234" } }])
  })
})

test("labels: given, else of the method, else the integration's name, numbered", async () => {
  const label = ({ access }: OAuth) => (access === "access-1" ? undefined : access)
  let access = "access-1"
  const authorize = async () => authorization(Promise.resolve(oauth({ access })))
  const { host } = await hostWith(signsIn({ authorize, label }))
  await host.connect("alibaba", "oauth")
  await host.connect("alibaba", "oauth")
  await host.connect("alibaba", "oauth", undefined, { label: "mine" })
  access = "of the method"
  await host.connect("alibaba", "oauth")
  await host.connect("alibaba", "oauth")
  expect(host.credentials().map((one) => one.label)).toEqual([
    "Alibaba",
    "Alibaba 2",
    "mine",
    "of the method",
    "of the method",
  ])
})

describe("a form", () => {
  const keyForm =
    (form: readonly Record<string, unknown>[]) => async (context: Parameters<ReturnType<typeof signsIn>>[0]) => {
      await context.integration.transform((editor) => {
        editor.method.update({ integrationID: "alibaba", method: { type: "key", label: "API key", form } })
      })
    }

  test("is filled in before the key, which is stored with the answers", async () => {
    const { host } = await hostWith(keyForm([PLAN, REGION]))
    await host.connect("alibaba", "key", { plan: "token", region: "eu" }, { key: "not a key" })
    expect(host.credentials()).toMatchObject([
      { value: { type: "key", key: "not a key", configuration: { plan: "token", region: "eu" } } },
    ])
  })

  test.each<[string, Record<string, string>, string]>([
    ["a missing required field", {}, "The field plan is required."],
    ["an unknown option", { plan: "free" }, "The field plan has a value that is not an option."],
    ["an unknown field", { plan: "coding", size: "1" }, "The form has no field size."],
    ["a hidden field", { plan: "coding", region: "eu" }, "The field region is hidden and may not be answered."],
    ["a short text", { plan: "token", region: "e" }, "The field region is too short."],
  ])("refuses %s", async (_, answer, message) => {
    const { host } = await hostWith(keyForm([PLAN, REGION]))
    expect(await host.connect("alibaba", "key", answer, { key: "sk" })).toMatchObject({ status: "failed", message })
    expect(host.credentials()).toEqual([])
  })

  test.each<[string, "array" | "object", boolean, string]>([
    ["an array", "array", true, "complete"],
    ["one object where an array is understood", "array", false, "when.every is not a function"],
    ["one object", "object", false, "complete"],
    ["an array where one object is understood", "object", true, "The field region is hidden and may not be answered."],
  ])("with `when` as %s", async (_, formWhen, isArray, outcome) => {
    const [condition] = REGION.when
    const form = [PLAN, { ...REGION, when: isArray ? [condition] : condition }]
    const { host } = await hostWith(keyForm(form), { behaviour: { ...newest, formWhen } })
    const signIn = await host.connect("alibaba", "key", { plan: "token", region: "eu" }, { key: "sk" })
    expect(signIn.message ?? signIn.status).toBe(outcome)
  })

  test.each<[string, Record<string, unknown>, unknown, boolean]>([
    ["number", { type: "number" }, 1.5, true],
    ["integer", { type: "integer" }, 1.5, false],
    ["boolean", { type: "boolean" }, "yes", false],
    ["multiselect", { type: "multiselect", options: PLAN.options }, ["coding"], true],
    ["multiselect with another value", { type: "multiselect", options: PLAN.options }, ["free"], false],
    ["pattern", { type: "string", pattern: "^sk-" }, "pk-1", false],
    ["custom", { type: "string", options: PLAN.options, custom: true }, "own", true],
    ["hidden", { type: "string", hidden: true }, "x", false],
    ["external", { type: "external" }, "x", false],
  ])("checks %s", async (_, field, value, good) => {
    const { host } = await hostWith(keyForm([{ key: "field", ...field }]))
    const answer = Object.fromEntries([["field", value]]) as Record<string, string>
    const { status } = await host.connect("alibaba", "key", answer, { key: "sk" })
    expect(status).toBe(good ? "complete" : "failed")
  })

  test.each([
    ["filled", { plan: "coding" }],
    ["left-out", {}],
  ] as const)("with defaults %s", async (formDefaults, configuration) => {
    const { host } = await hostWith(keyForm([{ key: "plan", type: "string", default: "coding" }]), {
      behaviour: { ...newest, formDefaults },
    })
    await host.connect("alibaba", "key", {}, { key: "sk" })
    expect(host.credentials()[0]?.value).toEqual({ type: "key", key: "sk", configuration })
  })

  test.each<[string, readonly Record<string, unknown>[], string]>([
    ["without fields", [], "form: a form needs at least one field"],
    ["with a condition on a later field", [REGION, PLAN], "form: a condition names a field that does not come earlier"],
    ["with two fields of one key", [PLAN, PLAN], "form: two fields of a form have the same key"],
    ["with a function", [{ ...PLAN, validate: () => true }], "form.0.validate"],
    ["with 1.x's fields", [{ ...PLAN, message: "Which plan?" }], "form.0.message"],
  ])("is refused %s, and the domain stays broken for every reader", async (_, form, message) => {
    const { host, context } = await contextOf({}, keyForm(form))
    expect(await messageOf(context.integration.list())).toContain(`integration.method.update: ${message}`)
    expect(host.takeViolations().length).toBeGreaterThan(0)
  })

  test("with newest fields is refused by older versions", async () => {
    const { context } = await contextOf({ behaviour: oldest }, keyForm([{ key: "a", type: "string", hidden: true }]))
    expect(await messageOf(context.integration.list())).toContain("has hidden, which this version does not know")
  })
})

test("method data with prompts, as in 1.x, is refused", async () => {
  const { context } = await contextOf({}, async ({ integration }) => {
    await integration.transform((editor) => {
      const method = { type: "key" as const, prompts: [] }
      editor.method.update({ integrationID: "alibaba", method })
    })
  })
  expect(await messageOf(context.integration.list())).toContain("integration.method.update")
})

test("key and env are replaced; oauth methods are one per id", async () => {
  const { host } = await hostWith(async ({ integration }) => {
    await integration.transform(({ method }) => {
      const update = (id: string) =>
        method.update({
          integrationID: "alibaba",
          method: { id, type: "oauth", label: id },
          authorize: async () => authorization(Promise.resolve(oauth())),
        })
      method.update({ integrationID: "alibaba", method: { type: "key", label: "Ours" } })
      method.update({ integrationID: "alibaba", method: { type: "env", names: ["DASHSCOPE_API_KEY", "OURS"] } })
      for (const id of ["oauth", "console", "oauth"]) update(id)
    })
  })
  const [{ methods = [] } = {}] = await host.integrations()
  expect(methods.map(({ label, names, type }) => label ?? names ?? type)).toEqual([
    "Ours",
    ["DASHSCOPE_API_KEY", "OURS"],
    "oauth",
    "console",
  ])
})

test("a command method stores what the program prints, without metadata", async () => {
  const setup = async ({ integration }: Parameters<ReturnType<typeof signsIn>>[0]) => {
    await integration.transform(({ method }) => {
      method.update({
        integrationID: "alibaba",
        method: { id: "tool", type: "command", label: "Tool", command: ["print-key", "--now"] },
      })
    })
  }
  const commands: (readonly string[])[] = []
  const runCommand = async (command: readonly string[]) => {
    commands.push(command)
    return { stdout: "sk-printed\n", stderr: "live" }
  }
  const { host } = await hostWith(setup, { runCommand })
  expect(await host.connect("alibaba", "tool")).toEqual({ status: "complete" })
  expect(commands).toEqual([["print-key", "--now"]])
  expect(host.printed).toContain("live")
  expect(host.credentials()[0]?.value).toEqual({ type: "key", key: "sk-printed" })
})
