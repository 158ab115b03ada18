import { endpointLabel, type KeyHint, nodePlatform, QwenAuthError } from "qwen-auth-core"
import { normalizeApiKey, parseApiEndpoint, resolveKeyEndpoint } from "qwen-auth-core/internal"
import * as v from "valibot"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { isChat, type SimulatorProcess, startSimulator } from "../harness/shared/simulator-process.ts"

const OPENCODE = "opencode/1.18.33"
const MADE_UP = "0123456789abcdef0123456789abcdef"

let simulator: SimulatorProcess
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.stop())

/** Creates a key as a user has it. */
type Key = () => Promise<string>
const MadeKey = v.object({ key: v.string(), obfuscated: v.string() })
const made = async (document: object) => v.parse(MadeKey, await simulator.control("api-key", document))
const keyOf = (plan: string, region: string, more: object = {}): Key => {
  return async () => (await made({ plan, region, ...more })).key
}
const lapsed =
  (key: Key): Key =>
  async () => {
    const text = await key()
    await simulator.control("lapse-api-keys", { key: text })
    return text
  }
const text =
  (key: string): Key =>
  async () =>
    key

const CODING = keyOf("coding", "international")
const CODING_CHINA = keyOf("coding", "china")
const TOKEN = keyOf("token", "international")
const TOKEN_CHINA = keyOf("token", "china")
const PAID_CHINA = keyOf("payg", "china")

const CODING_HOSTS = ["coding-intl.dashscope.aliyuncs.com", "coding.dashscope.aliyuncs.com"]
const TOKEN_HOSTS = ["token-plan.ap-southeast-1.maas.aliyuncs.com", "token-plan.cn-beijing.maas.aliyuncs.com"]
const PAID = "dashscope-intl.aliyuncs.com"

interface Circumstances {
  readonly hint?: KeyHint
  /** Merged into `plans` of the simulator's scenario. */
  readonly plans?: Readonly<Record<string, unknown>>
  /** Hosts that answer with a gateway's page. */
  readonly down?: readonly string[]
  /** The `User-Agent` of the program; OpenCode's by default. */
  readonly agent?: string
}

/** The endpoint's label, with `unchecked` if the key could not be checked; or the sentence that the user must read. */
type Outcome = string | RegExp
const unchecked = (label: string) => `${label}, unchecked`

const chosen = (plan: KeyHint["plan"], region: KeyHint["region"]) => ({ hint: { plan, region } })
const at = (host: string) => ({ hint: { endpoint: parseApiEndpoint(host) } })

const REFUSED =
  /^Qwen Cloud \(Model Studio\) does not accept this API key for .+ a new key: https:\/\/home\.qwencloud\.com\/api-keys/
const CHOOSE =
  /^The plan and region of this API key cannot be detected: .+\. Sign in again and choose the key's plan and region\.$/
const LATER =
  /^The plan and region of this API key could not be detected \(HTTP 504 with a web page\)\. Check the network/
const HIDDEN = /hides a key \(o1_…\), not the key\. Use the copy button beside the key: https:\/\/home\.qwencloud\.com/
const belongs = (label: string) => new RegExp(`^This API key belongs to ${label.replace(/[()]/g, "\\$&")}, not `)

const PUBLIC = { codingList: "public" }
const CHECKED = { codingList: "checked" }
const MODEL_FIRST = { ...PUBLIC, codingChecks: ["model", "key", "agent"] }
const AGENT_FIRST = { ...PUBLIC, codingChecks: ["agent", "key", "model"] }

const TABLE: readonly (readonly [string, Key, Circumstances, Outcome])[] = [
  ["a Coding Plan key", CODING, {}, "Coding Plan (international)"],
  ["a Coding Plan key where no list is public", CODING, { plans: CHECKED }, "Coding Plan (international)"],
  ["a Chinese Coding Plan key", CODING_CHINA, {}, "Coding Plan (China)"],
  ["a Chinese Coding Plan key where a list is checked", CODING_CHINA, { plans: CHECKED }, "Coding Plan (China)"],
  ["a Token Plan key", TOKEN, {}, "Token Plan (international)"],
  ["a Chinese Token Plan key", TOKEN_CHINA, {}, "Token Plan (China)"],
  ["a Personal key", keyOf("token", "international", { tier: "personal" }), {}, "Token Plan (international)"],
  ["a Chinese Personal key", keyOf("token", "china", { tier: "personal" }), {}, "Token Plan (China)"],
  ["a pay-as-you-go key", keyOf("payg", "international"), {}, "Pay as you go (international)"],
  ["a Chinese pay-as-you-go key", PAID_CHINA, {}, "Pay as you go (China)"],
  ["a pay-as-you-go key of the US", keyOf("payg", "us"), {}, "Pay as you go (US)"],
  ["a pay-as-you-go key of Hong Kong", keyOf("payg", "hongkong"), {}, "Pay as you go (Hong Kong)"],

  [
    "a workspace's key in Tokyo",
    keyOf("payg", "tokyo", { workspace: "ws-1" }),
    at("ws-1.ap-northeast-1.maas.aliyuncs.com"),
    "Pay as you go (Tokyo)",
  ],
  [
    "a workspace's key in Frankfurt",
    keyOf("payg", "frankfurt", { workspace: "ws-1" }),
    at("ws-1.eu-central-1.maas.aliyuncs.com/v1"),
    "Pay as you go (Frankfurt)",
  ],
  [
    "a workspace's key at the trial host",
    keyOf("payg", "hongkong", { workspace: "ws-1" }),
    at("trial.cn-hongkong.maas.aliyuncs.com"),
    "Pay as you go (Hong Kong, trial host)",
  ],
  [
    "a pay-as-you-go key at the new host",
    keyOf("payg", "international"),
    at("maas.qwencloudapi.com"),
    "Pay as you go (international)",
  ],
  [
    "a Chinese pay-as-you-go key at the new host",
    PAID_CHINA,
    at("https://maas.qianwenaiapi.com/apps/anthropic"),
    "Pay as you go (China)",
  ],
  ["a Token Plan key at the new host", TOKEN, at("token-plan.maas.qwencloudapi.com"), "Token Plan (international)"],
  [
    "a Chinese Token Plan key at the new host",
    TOKEN_CHINA,
    at("token-plan.maas.qianwenaiapi.com"),
    "Token Plan (China)",
  ],

  ["a wrong key", text(`sk-sp-${MADE_UP}`), {}, REFUSED],
  ["a wrong key where no list is public", text(`sk-sp-${MADE_UP}`), { plans: CHECKED }, REFUSED],
  [
    "a wrong key for the plan whose list is public",
    text(`sk-sp-${MADE_UP}`),
    chosen("coding-plan", "international"),
    REFUSED,
  ],
  ["a wrong pay-as-you-go key", text(`sk-${MADE_UP}`), {}, REFUSED],
  ["a wrong workspace's key", text(`sk-ws-${MADE_UP}`), at("ws-1.cn-beijing.maas.aliyuncs.com"), REFUSED],
  ["a lapsed Coding Plan key", lapsed(CODING), {}, REFUSED],
  ["a lapsed Chinese Coding Plan key", lapsed(CODING_CHINA), chosen("coding-plan", "china"), REFUSED],
  ["a lapsed Token Plan key, which still lists", lapsed(TOKEN), {}, "Token Plan (international)"],

  [
    "a Token Plan key for the Coding Plan",
    TOKEN_CHINA,
    chosen("coding-plan", "international"),
    belongs("Token Plan (China)"),
  ],
  [
    "a Coding Plan key for the Token Plan",
    CODING,
    chosen("token-plan", undefined),
    belongs("Coding Plan (international)"),
  ],
  [
    "a Token Plan key for pay as you go",
    TOKEN,
    chosen("pay-as-you-go", "china"),
    belongs("Token Plan (international)"),
  ],
  [
    "another region's Coding Plan key",
    CODING_CHINA,
    chosen("coding-plan", "international"),
    belongs("Coding Plan (China)"),
  ],
  ["another region's Token Plan key", TOKEN, chosen("token-plan", "china"), belongs("Token Plan (international)")],
  ["another region's pay-as-you-go key", PAID_CHINA, chosen("pay-as-you-go", "us"), belongs("Pay as you go (China)")],
  [
    "a pay-as-you-go key for a plan",
    keyOf("payg", "us"),
    chosen("coding-plan", "china"),
    belongs("Pay as you go (US)"),
  ],

  ["an obfuscated key", async () => (await made({ plan: "coding" })).obfuscated, {}, HIDDEN],
  ["a key in white space", async () => `\u00a0 ${await CODING()}\r\n`, {}, "Coding Plan (international)"],
  ["a key in quotes after its variable", async () => `export KEY="${await TOKEN()}"`, {}, "Token Plan (international)"],
  ["a key with white space in it", text("sk-sp-01234567 89abcdef"), {}, /^This is not a valid Model Studio API key\./],

  ["a Coding Plan key in an unknown program", CODING, { agent: "curl/8" }, unchecked("Coding Plan (international)")],
  ["a Coding Plan key where programs are checked first", CODING, { agent: "curl/8", plans: AGENT_FIRST }, CHOOSE],
  [
    "a Coding Plan key with a chosen endpoint in an unknown program",
    CODING_CHINA,
    { agent: "curl/8", ...chosen("coding-plan", "china") },
    unchecked("Coding Plan (China)"),
  ],
  ["a wrong key in an unknown program", text(`sk-sp-${MADE_UP}`), { agent: "curl/8" }, REFUSED],
  [
    "a wrong key where programs are checked first",
    text(`sk-sp-${MADE_UP}`),
    { agent: "curl/8", plans: AGENT_FIRST },
    CHOOSE,
  ],
  ["a Coding Plan key where models are checked first", CODING, { plans: MODEL_FIRST }, CHOOSE],
  ["a wrong key where models are checked first", text(`sk-sp-${MADE_UP}`), { plans: MODEL_FIRST }, CHOOSE],
  ["a Token Plan key where models are checked first", TOKEN, { plans: MODEL_FIRST }, "Token Plan (international)"],

  [
    "a Token Plan key, its list down",
    TOKEN,
    { down: TOKEN_HOSTS.slice(0, 1) },
    unchecked("Token Plan (international)"),
  ],
  ["a Token Plan key, the other list down", TOKEN, { down: TOKEN_HOSTS.slice(1) }, "Token Plan (international)"],
  ["a Token Plan key, both lists down", TOKEN, { down: TOKEN_HOSTS }, LATER],
  [
    "a Coding Plan key, both lists of the Token Plan down",
    CODING,
    { down: TOKEN_HOSTS },
    "Coding Plan (international)",
  ],
  [
    "a Coding Plan key, its own site down",
    CODING,
    { down: CODING_HOSTS.slice(0, 1) },
    unchecked("Coding Plan (international)"),
  ],
  [
    "a Chinese Coding Plan key, the other site down",
    CODING_CHINA,
    { down: CODING_HOSTS.slice(0, 1) },
    "Coding Plan (China)",
  ],
  ["a Coding Plan key, both sites down", CODING, { down: CODING_HOSTS }, LATER],
  ["a wrong key, everything down", text(`sk-sp-${MADE_UP}`), { down: [...CODING_HOSTS, ...TOKEN_HOSTS] }, LATER],
  ["a Chinese pay-as-you-go key, another list down", PAID_CHINA, { down: [PAID] }, "Pay as you go (China)"],
  [
    "a pay-as-you-go key, its list down",
    keyOf("payg", "international"),
    { down: [PAID] },
    unchecked("Pay as you go (international)"),
  ],
]

/** Resolves the endpoint of a key against the simulator under the real names of the hosts. */
async function resolve(key: string, { hint, down = [], agent = OPENCODE }: Circumstances) {
  const hosts: string[] = []
  const fetch = async (address: string, init: RequestInit) => {
    const { host, pathname } = new URL(address)
    hosts.push(host)
    if (down.includes(host)) {
      return new Response("<html>Gateway</html>", { status: 504, headers: { "content-type": "text/html" } })
    }
    return globalThis.fetch(`${simulator.origin}/_hosts/${host}${pathname}`, init)
  }
  const platform = { ...nodePlatform(), fetch }
  try {
    const options = { platform, apiKey: normalizeApiKey(key), hint, userAgent: agent }
    const { credential, checked } = await resolveKeyEndpoint(options)
    const label = endpointLabel(credential)
    return { hosts, outcome: checked ? label : unchecked(label), baseUrl: credential.baseUrl }
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) throw error
    expect(error.sentence).not.toContain(key)
    return { hosts, outcome: error.sentence, baseUrl: undefined }
  }
}

describe("the endpoint of an API key", () => {
  it.each(TABLE)("%s", async (_, key, circumstances, expected) => {
    await simulator.control("reset")
    await simulator.control("scenario", { plans: circumstances.plans ?? PUBLIC })
    const { hosts, outcome, baseUrl } = await resolve(await key(), circumstances)
    if (typeof expected === "string") expect(outcome).toBe(expected)
    else expect(outcome).toMatch(expected)

    const given = circumstances.hint?.endpoint
    if (given !== undefined && typeof expected === "string") {
      expect([baseUrl, new Set(hosts)]).toEqual([given.baseUrl, new Set([new URL(given.baseUrl).host])])
    }
    // The check used no quota: every chat was refused.
    for (const { status, body } of (await simulator.log()).filter(isChat)) {
      expect(body).toMatchObject({ model: "no-such-model-key-check" })
      expect(status).toBeGreaterThanOrEqual(400)
    }
  })
})
