import { describe, expect } from "vitest"
import { type AskedQuestion, askQuestion } from "../harness/opencode/asked-question.ts"
import { signedInAtPortal } from "../harness/opencode/behind-proxy.ts"
import { runOpenCode, SIGN_IN } from "../harness/opencode/opencode.ts"
import { type ThrowawayHome, within } from "../harness/opencode/throwaway-home.ts"
import { type KeyEndpoint, signedInWithKey, it as withModelStudio } from "../harness/opencode/with-model-studio.ts"
import { it, moveExpiry, opencodeBinary, opencodeMissing, signedIn } from "../harness/opencode/with-opencode.ts"
import { trials } from "../harness/processes/trials.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

/** Ended at once, by itself, with words alone: OpenCode's own attempts last longer than a question is given. */
const HOPELESS = { outcome: "failed", stackTrace: false, secretsShown: [] }
/** What runtimes say to developers. */
const DEVELOPER_TEXT = /verbose|second argument|\bfetch\b|use-system-ca|SSL routines/i

const CODING_PLAN: KeyEndpoint = {
  plan: "coding-plan",
  region: "international",
  baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
}

/** A flaw of the way to Qwen: what the proxy does, what the environment says, what a person reads. */
interface Flaw {
  readonly scenario?: object
  readonly env?: Readonly<Record<string, string>>
  readonly words: readonly RegExp[]
}

const UNUSABLE_PROXY = [/only http:\/\/ and https:\/\/ proxies work/i, /Set HTTPS_PROXY to .*http:\/\//]

const FLAWS: readonly [name: string, flaw: Flaw][] = [
  ["a SOCKS proxy", { env: { HTTPS_PROXY: "socks5://127.0.0.1:9" }, words: UNUSABLE_PROXY }],
  [
    "a proxy whose password is not escaped",
    {
      env: { HTTPS_PROXY: "http://name:pass#word@127.0.0.1:9" },
      words: [/value of HTTPS_PROXY is not the address of a proxy/, /write @ as %40, .* # as %23/],
    },
  ],
  [
    "a certificate that has expired",
    {
      scenario: { proxy: { certificate: "expired" } },
      words: [/certificate of \S+ has expired/, /Check this computer's date and time first.*NODE_EXTRA_CA_CERTS/],
    },
  ],
  [
    "a certificate that is not yet valid",
    {
      scenario: { proxy: { certificate: "not-yet-valid" } },
      words: [/certificate of \S+ is not yet valid/, /Check this computer's date and time first.*NODE_EXTRA_CA_CERTS/],
    },
  ],
  [
    "a certificate for another host",
    {
      scenario: { proxy: { certificate: "other-host" } },
      words: [/certificate that \S+ presented is for another host/, /Check the proxy, the VPN and the hosts file/],
    },
  ],
]

/** A question shows every flaw; in the other situations one stands for all, except at full length. */
const SOME_FLAWS = trials(FLAWS.slice(0, 1), FLAWS)

describe.skipIf(opencodeMissing)("the real OpenCode on a way that cannot work", () => {
  withModelStudio.for(FLAWS)("says so once at a question: %s", async ([, flaw], { simulator, home }) => {
    await signedInAtPortal(simulator, home)
    const asked = await askOn(flaw, simulator, home)

    expectWords(asked.screen, flaw)
    expect(asked).toMatchObject({ ...HOPELESS, requests: 0 })
  })

  withModelStudio.for(SOME_FLAWS)(
    "says so once at a question with a key: %s",
    async ([, flaw], { simulator, home }) => {
      const { key } = await simulator.apiKey("coding")
      await signedInWithKey(home, key, CODING_PLAN)
      const asked = await askOn(flaw, simulator, home)

      expectWords(asked.screen, flaw)
      expect(asked).toMatchObject({ ...HOPELESS, requests: 0 })
    },
  )

  withModelStudio.for(SOME_FLAWS)("says so once at a renewal: %s", async ([, flaw], { simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await moveExpiry(home, Date.now() - 1_000)
    const asked = await askOn(flaw, simulator, home)

    expectWords(asked.screen, flaw)
    expect(asked).toMatchObject({ ...HOPELESS, requests: 0 })
    expect(await simulator.refreshes()).toBe(0)
  })

  withModelStudio.for(SOME_FLAWS)("says so once at the sign-in: %s", async ([, flaw], { simulator, home }) => {
    await simulator.control("scenario", flaw.scenario)
    const { output, code } = await runOpenCode(opencodeBinary, within(home, flaw.env ?? {}), SIGN_IN)

    expectWords(output.replaceAll("\u2060", ""), flaw)
    expect(output).not.toMatch(/^\s+at /m)
    expect(code).toBe(1)
  })
})

describe.skipIf(opencodeMissing)("the real OpenCode and an answer that is not compressed as it says", () => {
  const WORDS = [/response from \S+ cannot be read: its compressed content is damaged/, /proxy or a security program/]
  const broken = (encoding: string, status = 200) => ({
    status,
    headers: { "content-encoding": encoding, "content-type": "application/json" },
    body: '{"error":{"message":"not compressed at all"}}',
  })

  it.for([
    ["gzip", broken("gzip")],
    ["brotli", broken("br")],
    ["zstd", broken("zstd")],
    ["gzip, of a refusal that could pass", broken("gzip", 503)],
  ] as const)("says so once at a question: %s", async ([, answer], { simulator, home }) => {
    await signedIn(simulator, home)
    await simulator.control("scenario", { answers: { chat: { standing: answer } } })
    const asked = await askQuestion(simulator, home)

    expectWords(asked.screen, { words: WORDS })
    expect(asked).toMatchObject({ ...HOPELESS, requests: 1 })
  })

  it("says so once at a renewal", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await moveExpiry(home, Date.now() - 1_000)
    await simulator.control("scenario", { answers: { refresh: { standing: broken("gzip") } } })
    const asked = await askQuestion(simulator, home)

    expectWords(asked.screen, { words: WORDS })
    expect(asked).toMatchObject({ ...HOPELESS, requests: 0 })
    expect(await simulator.refreshes()).toBe(1)
  })

  it("says so once at the sign-in", async ({ simulator, home }) => {
    await simulator.control("scenario", { answers: { deviceCode: { standing: broken("gzip") } } })
    const { output, code } = await runOpenCode(opencodeBinary, home, SIGN_IN)

    expectWords(output.replaceAll("\u2060", ""), { words: WORDS })
    expect(output).not.toMatch(/^\s+at /m)
    expect(code).toBe(1)
    expect(await simulator.log()).toHaveLength(1)
  })
})

async function askOn({ scenario, env = {} }: Flaw, simulator: Simulator, home: ThrowawayHome): Promise<AskedQuestion> {
  await simulator.control("scenario", scenario)
  return askQuestion(simulator, within(home, env))
}

function expectWords(screen: string, { words }: Flaw): void {
  for (const word of words) expect(screen).toMatch(word)
  expect(screen).not.toMatch(DEVELOPER_TEXT)
}
