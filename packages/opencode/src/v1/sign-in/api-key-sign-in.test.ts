import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { ApiEndpoint } from "qwen-auth-core"
import { CODING_PLAN, PAY_AS_YOU_GO, TOKEN_PLAN } from "qwen-auth-core/internal"
import type { FakePlatformOptions } from "qwen-auth-testing/fake-platform"
import { until } from "qwen-auth-testing/gate"
import { accepting, endpointOf, endpointReplies } from "qwen-auth-testing/key-endpoints"
import { apiError } from "qwen-auth-testing/refusals"
import { json, networkError, page, silence } from "qwen-auth-testing/replies"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it, vi } from "vitest"
import { parseHostRecord } from "../host/host-record.ts"
import { authorized } from "../testing/authorized.ts"
import { messageOf } from "../testing/message-of.ts"
import { leaveFile, leaveSignIn, signInSetUp } from "../testing/sign-in-set-up.ts"
import { apiKeyMethod, ENDPOINTS } from "./api-key-method.ts"

const temporaryFolder = temporaryFolders()

const PLAN_KEY = "sk-sp-key-of-the-test"
const KEY = "sk-key-of-the-test"
const keyFor = ({ plan }: ApiEndpoint) => (plan === "pay-as-you-go" ? KEY : PLAN_KEY)

interface SetUp extends FakePlatformOptions {
  readonly home?: string
}

async function setUp({ home, ...options }: SetUp) {
  const plugin = signInSetUp(home ?? (await temporaryFolder()), { autoAdvance: false, ...options })
  const method = apiKeyMethod(plugin.methods)
  const checkedUrls = () =>
    plugin.platform.requests.map(({ url }) => url.replace(/\/(?:models|chat\/completions)$/, ""))
  return { ...plugin, checkedUrls, authorize: (inputs: Record<string, string>) => authorized(method.authorize(inputs)) }
}

const entryOf = (apiKey: string, { plan, region, baseUrl }: ApiEndpoint) => ({
  type: "success",
  key: apiKey,
  metadata: { qwenAuth: "resolved", plan, region, baseUrl },
})

describe("a key whose endpoint is detected", () => {
  it.each(ENDPOINTS)("belongs to $plan, $region", async (endpoint) => {
    const { authorize, lists } = await setUp({ rest: endpointReplies([endpoint, accepting("qwen3.7-plus")]) })
    const { url, instructions, callback } = await authorize({ key: keyFor(endpoint), endpoint: "detect" })
    expect(url).toBe("")
    expect(instructions).toMatch(/^The key works: (Coding Plan|Token Plan|Pay as you go) \(.*\)\.$/)
    const result = await callback()
    expect(result).toEqual(entryOf(keyFor(endpoint), endpoint))
    expect(parseHostRecord({ ...result, type: "api" })).toEqual({
      kind: "key",
      key: { apiKey: keyFor(endpoint), endpoint },
    })
    expect(lists.entries.get(endpoint.baseUrl)).toEqual(["qwen3.7-plus"])
  })

  it("is also detected when OpenCode passes no endpoint or an unknown one", async () => {
    for (const inputs of [{}, { endpoint: "99" }, { endpoint: "nonsense" }]) {
      const endpoint = endpointOf(TOKEN_PLAN, 1)
      const { authorize } = await setUp({ rest: endpointReplies([endpoint, accepting("qwen3.7-plus")]) })
      const { callback } = await authorize({ key: PLAN_KEY, ...inputs })
      expect(await callback()).toEqual(entryOf(PLAN_KEY, endpoint))
    }
  })

  it("is extracted from pasted text", async () => {
    const endpoint = endpointOf(CODING_PLAN)
    const { authorize, platform } = await setUp({ rest: endpointReplies([endpoint, accepting("qwen3.7-plus")]) })
    const { callback } = await authorize({ key: ` "${PLAN_KEY}"\n` })
    expect(await callback()).toMatchObject({ key: PLAN_KEY })
    expect(platform.requests[0]?.headers.get("authorization")).toBe(`Bearer ${PLAN_KEY}`)
  })

  it.each([
    ["lists no models", accepting()],
    ["knows the key and is out of quota", apiError(403, "AccessDenied", "The account is in arrears: Arrearage.")],
  ])("works where the service %s", async (_, reply) => {
    const { authorize } = await setUp({ rest: endpointReplies([endpointOf(TOKEN_PLAN), reply]) })
    const { instructions } = await authorize({ key: PLAN_KEY, endpoint: "detect" })
    expect(instructions).toBe("The key works: Token Plan (international).")
  })

  it("is stored only when OpenCode calls back", async () => {
    const { authorize, settings, lists } = await setUp({
      rest: endpointReplies([endpointOf(CODING_PLAN), accepting("a-model")]),
    })
    await leaveSignIn(settings.tokenFile, credential())
    await authorize({ key: PLAN_KEY })
    expect(await readFile(settings.tokenFile, "utf8")).toContain("access-1")
    expect(lists.entries.size).toBe(0)
  })
})

describe("a key whose endpoint was chosen", () => {
  it.each(ENDPOINTS.map((endpoint, index) => [index, endpoint] as const))(
    "is checked at that endpoint only: %i",
    async (index, endpoint) => {
      const { authorize, checkedUrls } = await setUp({ rest: endpointReplies([endpoint, accepting("qwen3.7-plus")]) })
      const { callback } = await authorize({ key: keyFor(endpoint), endpoint: String(index) })
      expect(await callback()).toEqual(entryOf(keyFor(endpoint), endpoint))
      expect(new Set(checkedUrls())).toEqual(new Set([endpoint.baseUrl]))
    },
  )

  it("is checked at the workspace's own host", async () => {
    const baseUrl = "https://ws-1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"
    const endpoint: ApiEndpoint = { plan: "pay-as-you-go", region: "china", baseUrl }
    const { authorize, checkedUrls } = await setUp({ rest: endpointReplies([endpoint, accepting("qwen-plus")]) })
    const inputs = { key: "sk-ws-12345678", endpoint: "workspace", host: "ws-1.cn-beijing.maas.aliyuncs.com" }
    expect(await (await authorize(inputs)).callback()).toEqual(entryOf("sk-ws-12345678", endpoint))
    expect(checkedUrls()).toEqual([baseUrl])
  })

  it("is never sent to a host outside Model Studio", async () => {
    const { authorize, platform } = await setUp({})
    const begun = authorize({ key: KEY, endpoint: "workspace", host: "evil.test" })
    expect(await messageOf(begun)).toMatch(/^"evil\.test" is not a Model Studio API address\./)
    expect(platform.requests).toEqual([])
  })

  it("but works elsewhere is refused with both endpoints, and nothing is stored", async () => {
    const right = endpointOf(TOKEN_PLAN, 1)
    const { authorize, settings } = await setUp({ rest: endpointReplies([right, accepting("qwen3.7-plus")]) })
    await leaveSignIn(settings.tokenFile, credential())
    const message = await messageOf(authorize({ key: PLAN_KEY, endpoint: "0" }))
    expect(message).toBe(
      "This API key belongs to Token Plan (China), not Coding Plan (international). " +
        'Sign in again and choose Token Plan (China) or "Detect automatically". Run: opencode auth login',
    )
    expect(await readFile(settings.tokenFile, "utf8")).toContain("access-1")
  })

  it("is stored unchecked without a network, and the message says so", async () => {
    const endpoint = endpointOf(PAY_AS_YOU_GO, 2)
    const { authorize, lists } = await setUp({ rest: networkError() })
    const { instructions, callback } = await authorize({ key: KEY, endpoint: String(ENDPOINTS.indexOf(endpoint)) })
    expect(instructions).toBe("The key could not be checked. It is stored for Pay as you go (US).")
    expect(await callback()).toEqual(entryOf(KEY, endpoint))
    expect(lists.entries.get(endpoint.baseUrl) ?? []).toEqual([])
  })
})

describe("a key that cannot be used throws the message for the user, without the key", () => {
  it.each([
    [
      "no endpoint accepts it",
      { key: PLAN_KEY },
      /^Qwen Cloud \(Model Studio\) does not accept this API key for Coding Plan \(international\)/,
    ],
    [
      "the chosen endpoint refuses it",
      { key: KEY, endpoint: "4" },
      /^Qwen Cloud \(Model Studio\) does not accept this API key for Pay/,
    ],
    ["its form does not match the plan", { key: KEY, endpoint: "0" }, /^This key does not match the chosen plan\. /],
    [
      "it does not have the form of a key",
      { key: "my secret" },
      /^This is not a valid Model Studio API key\. A key begins/,
    ],
    ["it is empty", { key: "  " }, /^There is no API key\./],
    ["OpenCode passed none", {}, /^There is no API key\./],
  ])("%s", async (_, inputs, expected) => {
    const { authorize, platform } = await setUp({ rest: endpointReplies() })
    const message = await messageOf(authorize(inputs))
    expect(message).toMatch(expected)
    for (const text of [message, JSON.stringify(platform.logged)]) expect(text).not.toMatch(/of-the-test|my secret/)
  })
})

describe("a Coding Plan key that the service does not confirm", () => {
  const callerUnknown = json({ error: "Coding Plan is currently only available for Coding Agents" }, 405)
  const rest = endpointReplies([endpointOf(CODING_PLAN), callerUnknown], [endpointOf(CODING_PLAN, 1), callerUnknown])

  it("is not stored until the user chooses its endpoint, and the message has the reason", async () => {
    const { authorize, shown } = await setUp({ rest })
    const message = await messageOf(authorize({ key: PLAN_KEY, endpoint: "detect" }))
    expect(message).toBe(
      "The plan and region of this API key cannot be detected: the Coding Plan does not recognise this program as a coding " +
        "agent. Sign in again and choose the key's plan and region. Run: opencode auth login",
    )
    expect(shown).toEqual([message])
  })

  it("is stored unchecked with the endpoint that the user chose", async () => {
    const { authorize } = await setUp({ rest })
    const { instructions, callback } = await authorize({ key: PLAN_KEY, endpoint: "0" })
    expect(instructions).toBe("The key could not be checked. It is stored for Coding Plan (international).")
    expect(await callback()).toEqual(entryOf(PLAN_KEY, endpointOf(CODING_PLAN)))
  })
})

it("sends OpenCode's name to the Coding Plan only", async () => {
  const { authorize, platform } = await setUp({ rest: endpointReplies([endpointOf(CODING_PLAN), accepting()]) })
  await authorize({ key: PLAN_KEY })
  const agents = platform.requests.map(({ url, headers }) => [url.includes("/chat/"), headers.get("user-agent")])
  expect(new Set(agents.map(String))).toEqual(new Set(["false,", "true,opencode/1.18.33"]))
})

describe("a key that cannot be checked now", () => {
  it.each([
    ["no network", networkError()],
    ["a gateway's page", page(502)],
  ])("is stored without an endpoint, and the message says so: %s", async (_, reply) => {
    const { authorize, lists, platform } = await setUp({ rest: reply })
    const { instructions, callback } = await authorize({ key: PLAN_KEY, endpoint: "detect" })
    expect(instructions).toMatch(
      /^The plan and region of this API key could not be detected \(.+\)\. The key is stored and will be checked with the first request\.$/,
    )
    const result = await callback()
    expect(result).toEqual({ type: "success", key: PLAN_KEY, metadata: { qwenAuth: "unresolved" } })
    expect(parseHostRecord({ ...result, type: "api" })).toEqual({ kind: "key", key: { apiKey: PLAN_KEY, hint: {} } })
    expect(lists.entries.size).toBe(0)
    expect(JSON.stringify(platform.logged)).not.toContain(PLAN_KEY)
  })

  it("still replaces the account", async () => {
    const { authorize, settings, services } = await setUp({ rest: networkError() })
    await leaveSignIn(settings.tokenFile, credential())
    await (await authorize({ key: PLAN_KEY })).callback()
    expect(await services.signIn.store.read()).toEqual({})
  })
})

describe("the end of the sign-in", () => {
  const rest = endpointReplies([endpointOf(CODING_PLAN), accepting("qwen3.7-plus")])

  it("returns the same result to two callbacks", async () => {
    const { authorize, lists } = await setUp({ rest })
    const remember = vi.spyOn(lists, "remember")
    const { callback } = await authorize({ key: PLAN_KEY })
    const [one, two] = await Promise.all([callback(), callback()])
    expect(two).toBe(one)
    expect(remember).toHaveBeenCalledTimes(1)
  })

  it("succeeds when the stored account cannot be removed", async () => {
    const home = await temporaryFolder()
    await leaveFile(join(home, ".opencode", "qwen", "oauth_token.json", "x"), "a folder where the file should be")
    const { authorize, platform } = await setUp({ home, rest })
    expect(await (await authorize({ key: PLAN_KEY })).callback()).toMatchObject({ type: "success" })
    const warned = platform.logged.filter(({ level }) => level === "warn").map(({ message }) => message)
    expect(warned).toContain("The stored Qwen account could not be removed.")
  })

  it("does not happen for an attempt that a newer one cancelled", async () => {
    const { authorize, attempts, platform } = await setUp({ rest: silence })
    const first = messageOf(authorize({ key: PLAN_KEY }))
    await until(() => platform.requests.length > 0)
    attempts.begin()
    expect(await first).toBe("Cancelled.")
    expect(platform.openWaits()).toBe(0)
  })

  it("cancels the previous sign-in and is not cancelled by it", async () => {
    const { authorize, platform } = await setUp({ replies: [silence, silence], rest })
    const first = messageOf(authorize({ key: PLAN_KEY }))
    await until(() => platform.requests.length === 2)
    const second = authorize({ key: PLAN_KEY })
    expect(await first).toBe("Cancelled.")
    expect(await (await second).callback()).toMatchObject({ type: "success" })
  })
})
