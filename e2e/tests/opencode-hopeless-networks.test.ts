import { describe, expect } from "vitest"
import { askQuestion, FAILED, type QuestionResult } from "../harness/opencode/ask-question.ts"
import { failedSignIn } from "../harness/opencode/failed-sign-in.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { type ThrowawayHome, within } from "../harness/opencode/throwaway-home.ts"
import { signedInAtPortal, signedInToPlan, it as withModelStudio } from "../harness/opencode/with-model-studio.ts"
import { it, moveExpiry, signedIn } from "../harness/opencode/with-opencode.ts"
import { trials } from "../harness/processes/trials.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

/** Texts of the runtimes, which address developers. */
const DEVELOPER_TEXT = /verbose|second argument|\bfetch\b|use-system-ca|SSL routines/i

/** A fault of the network: the scenario of the proxy, the environment, and the texts that the user reads. */
interface Fault {
  readonly scenario?: object
  readonly env?: Readonly<Record<string, string>>
  readonly messages: readonly RegExp[]
}

const UNUSABLE_PROXY = [/only http:\/\/ and https:\/\/ proxies work/i, /Set HTTPS_PROXY to .*http:\/\//]

const FAULTS: readonly [name: string, fault: Fault][] = [
  ["a SOCKS proxy", { env: { HTTPS_PROXY: "socks5://127.0.0.1:9" }, messages: UNUSABLE_PROXY }],
  [
    "a proxy whose password is not escaped",
    {
      env: { HTTPS_PROXY: "http://name:pass#word@127.0.0.1:9" },
      messages: [/value of HTTPS_PROXY is not the address of a proxy/, /write @ as %40, .* # as %23/],
    },
  ],
  [
    "a certificate that has expired",
    {
      scenario: { proxy: { certificate: "expired" } },
      messages: [/certificate of \S+ has expired/, /Check this computer's date and time first.*NODE_EXTRA_CA_CERTS/],
    },
  ],
  [
    "a certificate that is not yet valid",
    {
      scenario: { proxy: { certificate: "not-yet-valid" } },
      messages: [
        /certificate of \S+ is not yet valid/,
        /Check this computer's date and time first.*NODE_EXTRA_CA_CERTS/,
      ],
    },
  ],
  [
    "a certificate for another host",
    {
      scenario: { proxy: { certificate: "other-host" } },
      messages: [/certificate that \S+ presented is for another host/, /Check the proxy, the VPN and the hosts file/],
    },
  ],
]

/** A question is tested with every fault, the other situations only with one, except in `npm run test:all`. */
const SOME_FAULTS = trials(FAULTS.slice(0, 1), FAULTS)

describe.skipIf(opencodeMissing)("the real OpenCode in a network that cannot work", () => {
  withModelStudio.for(FAULTS)("shows the cause once at a question: %s", async ([, fault], { simulator, home }) => {
    await signedInAtPortal(simulator, home)
    const result = await askWith(fault, simulator, home)

    expectMessages(result.screen, fault)
    expect(result).toMatchObject({ ...FAILED, requests: 0 })
  })

  withModelStudio.for(SOME_FAULTS)(
    "shows the cause once at a question with a key: %s",
    async ([, fault], { simulator, home }) => {
      await signedInToPlan(simulator, home, "coding")
      const result = await askWith(fault, simulator, home)

      expectMessages(result.screen, fault)
      expect(result).toMatchObject({ ...FAILED, requests: 0 })
    },
  )

  withModelStudio.for(SOME_FAULTS)("shows the cause once at a refresh: %s", async ([, fault], { simulator, home }) => {
    await signedInAtPortal(simulator, home)
    await moveExpiry(home, Date.now() - 1_000)
    const result = await askWith(fault, simulator, home)

    expectMessages(result.screen, fault)
    expect(result).toMatchObject({ ...FAILED, requests: 0 })
    expect(await simulator.refreshes()).toBe(0)
  })

  withModelStudio.for(SOME_FAULTS)(
    "shows the cause once at the sign-in: %s",
    async ([, fault], { simulator, home }) => {
      await simulator.control("scenario", fault.scenario)
      const output = await failedSignIn(within(home, fault.env ?? {}))

      expectMessages(output.replaceAll("\u2060", ""), fault)
    },
  )
})

describe.skipIf(opencodeMissing)("the real OpenCode and an answer with damaged compression", () => {
  const MESSAGES = [
    /response from \S+ cannot be read: its compressed content is damaged/,
    /proxy or a security program/,
  ]
  const broken = (encoding: string, status = 200) => ({
    status,
    headers: { "content-encoding": encoding, "content-type": "application/json" },
    body: '{"error":{"message":"not compressed at all"}}',
  })

  it.for([
    ["gzip", broken("gzip")],
    ["brotli", broken("br")],
    ["zstd", broken("zstd")],
    ["gzip, of a temporary refusal", broken("gzip", 503)],
  ] as const)("shows the cause once at a question: %s", async ([, answer], { simulator, home }) => {
    await signedIn(simulator, home)
    await simulator.control("scenario", { answers: { chat: { standing: answer } } })
    const result = await askQuestion(simulator, home)

    expectMessages(result.screen, { messages: MESSAGES })
    expect(result).toMatchObject({ ...FAILED, requests: 1 })
  })

  it("shows the cause once at a refresh", async ({ simulator, home }) => {
    await signedIn(simulator, home)
    await moveExpiry(home, Date.now() - 1_000)
    await simulator.control("scenario", { answers: { refresh: { standing: broken("gzip") } } })
    const result = await askQuestion(simulator, home)

    expectMessages(result.screen, { messages: MESSAGES })
    expect(result).toMatchObject({ ...FAILED, requests: 0 })
    expect(await simulator.refreshes()).toBe(1)
  })

  it("shows the cause once at the sign-in", async ({ simulator, home }) => {
    await simulator.control("scenario", { answers: { deviceCode: { standing: broken("gzip") } } })
    const output = await failedSignIn(home)

    expectMessages(output.replaceAll("\u2060", ""), { messages: MESSAGES })
    expect(await simulator.log()).toHaveLength(1)
  })
})

async function askWith(
  { scenario, env = {} }: Fault,
  simulator: Simulator,
  home: ThrowawayHome,
): Promise<QuestionResult> {
  await simulator.control("scenario", scenario)
  return askQuestion(simulator, within(home, env))
}

function expectMessages(screen: string, { messages }: Fault): void {
  for (const message of messages) expect(screen).toMatch(message)
  expect(screen).not.toMatch(DEVELOPER_TEXT)
}
