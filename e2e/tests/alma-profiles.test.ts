import { generateText, stepCountIs, streamText } from "ai"
import { describe, expect } from "vitest"
import { type Behaviour, DEVIATIONS, PROFILES } from "../../packages/alma/test-host/behaviour.ts"
import type { AlmaHost } from "../../packages/alma/test-host/load-plugin.ts"
import { transcript } from "../../packages/alma/test-host/transcript.ts"
import {
  ACCOUNT,
  addressOf,
  almaTest,
  cancelSignIn,
  signInThroughConsole,
  signInWithAccount,
  signInWithKey,
  startSignIn,
} from "../harness/alma/alma.ts"
import { almaModel, ask, readTool } from "../harness/alma/ask.ts"
import { PNG_1_BY_1 } from "../harness/shared/pictures.ts"
import { userCodeIn } from "../harness/shared/sign-in-address.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

const READING_MS = 500
const OPEN_AGAIN = "Open the page again"

/** Everything that the user reads, without the parts that differ between runs. */
function readable(alma: AlmaHost): string {
  return `${transcript(alma.shown)
    .replace(/\d+:\d\d left/g, "14:59 left")
    .replace(/(?: {4}Code .*\n)+/g, (lines) => `${lines.split("\n")[0]}\n`)
    .replace(/opened by (?:open|rundll32|xdg-open):/g, "opened by the system's opener:")
    .replace(/user_code=[A-Z0-9-]+/g, "user_code=ABCD-1234")
    .replace(/code: [A-Z0-9-]+/g, "code: ABCD-1234")
    .replace(/Code [A-Z0-9-]+ ·/g, "Code ABCD-1234 ·")
    .replace(/127\.0\.0\.1:\d+\?state=[0-9a-f]+/g, "127.0.0.1:49152?state=0123456789abcdef0123456789abcdef")
    .replace(/until .* and is refreshed/g, "until 18:00:00 and is refreshed")}\n`
}

/** Signs in slowly. The user can read the code and the address during the whole wait. */
async function signInSlowly(alma: AlmaHost, simulator: Simulator): Promise<void> {
  alma.user.picks(ACCOUNT)
  const page = addressOf(alma)
  const login = alma.provider().authenticate()
  const address = await page
  const code = userCodeIn(address)
  await expect.poll(() => alma.visible()).toContain(code)
  const until = Date.now() + READING_MS
  for (let times = 0; Date.now() < until; times++) {
    expect(alma.visible()).toContain(code)
    expect(alma.visible()).toContain(address)
    if (times === 3 && alma.behaviour.confirmDialog === "works") {
      alma.press(OPEN_AGAIN)
      await expect.poll(() => alma.visible()).toContain(code)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await simulator.press("approve", code)
  expect(await login).toEqual({ success: true })
  expect(await alma.provider().isAuthenticated()).toBe(true)
}

async function cancelSecondSignIn(alma: AlmaHost): Promise<void> {
  const { address, login } = await startSignIn(alma, ACCOUNT)
  await expect.poll(() => alma.visible()).toContain(userCodeIn(address))
  cancelSignIn(alma)
  expect(await login).toEqual({ success: false, error: "The sign-in was cancelled." })
}

/** Uses everything that a chat can contain, with and without a stream. */
async function useModels(alma: AlmaHost, simulator: Simulator): Promise<void> {
  const model = await almaModel(alma)
  expect(await streamText({ model, prompt: "What is 6 times 7?" }).text).toContain("42")
  expect((await generateText({ model, prompt: "What is 3 times 3?" })).text).toContain("9")

  await simulator.control("scenario", { chat: { toolCalls: [{ name: "Read", arguments: { file_path: "a.txt" } }] } })
  const { Read, read } = readTool()
  await ask(alma, "Read it.", undefined, { tools: { Read }, stopWhen: stepCountIs(3) })
  expect(read).toEqual(["a.txt"])
  await simulator.control("scenario", { chat: { toolCalls: [] } })

  const vision = await almaModel(alma, "qwen3-vl-plus")
  const image = { type: "image", image: Buffer.from(PNG_1_BY_1, "base64"), mediaType: "image/png" } as const
  const content = [{ type: "text", text: "What is this?" } as const, image]
  expect((await generateText({ model: vision, messages: [{ role: "user", content }] })).text).toMatch(/PNG, 1 × 1/)

  for (const reasoningEffort of ["none", "low", "high", "max"]) {
    expect(await ask(alma, "Hello", undefined, { providerOptions: { qwen: { reasoningEffort } } })).not.toBe("")
  }
}

/** The whole job, from the first sign-in to the last sign-out. */
async function wholeJob(first: AlmaHost, restart: () => Promise<AlmaHost>, simulator: Simulator): Promise<AlmaHost> {
  await signInSlowly(first, simulator)
  await useModels(first, simulator)
  await simulator.control("expire-tokens")
  expect(await ask(first, "What is 6 times 7?")).toContain("42")
  expect(await simulator.refreshes()).toBe(1)
  await cancelSecondSignIn(first)
  expect(await first.provider().isAuthenticated()).toBe(true)
  await first.dispose()

  const alma = await restart()
  expect(alma.start).toEqual({ requests: [], touched: [] })
  expect(await ask(alma, "What is 6 times 7?")).toContain("42")
  expect(await signInThroughConsole(alma, simulator)).toEqual({ success: true })
  expect(await ask(alma, "What is 6 times 7?", "qwen3-max")).toContain("42")
  const { key } = await simulator.apiKey("token")
  expect(await signInWithKey(alma, key)).toEqual({ success: true })
  const listed = (await alma.provider().fetchModels()).map(({ id }) => id)
  expect(listed).toContain("qwen3.7-plus")
  expect(await ask(alma, "What is 6 times 7?", "qwen3.7-plus")).toContain("42")
  const known = (await alma.provider().getModels()).map(({ id }) => id)
  expect(known).toEqual(expect.arrayContaining(["qwen3-coder-plus", "qwen3-vl-plus", ...listed]))

  await alma.run("qwen-auth.status")
  await signOut(alma)
  expect(await alma.provider().isAuthenticated()).toBe(false)
  expect(await alma.provider().getAccounts()).toEqual([])
  return alma
}

async function signOut(alma: AlmaHost): Promise<void> {
  if (alma.behaviour.confirmDialog === "works") alma.user.confirms(true)
  else alma.user.picks("Sign out")
  await alma.run("qwen-auth.logout")
}

describe.each(Object.entries(PROFILES))("Alma %s", (name, behaviour) => {
  const it = almaTest(behaviour)

  it("does the whole job and shows the text of the transcript", async ({ start, simulator }) => {
    const first = await start()
    const last = await wholeJob(first, () => start({ secrets: first.secrets, local: first.local }), simulator)
    const text = `${readable(first)}\n--- Alma is restarted ---\n\n${readable(last)}`
    await expect(text).toMatchFileSnapshot(`alma-transcripts/${name}.txt`)
  })
})

/** The behaviours that change what the user sees. */
const VISIBLE: readonly string[] = ["browser", "confirmDialog", "functions", "notifications", "progress"]

describe.each(DEVIATIONS.map((deviation) => ({ deviation, name: nameOf(deviation) })))(
  "Alma as published, but $name",
  ({ deviation, name }) => {
    const it = almaTest(deviation)

    it("does the whole job", async ({ start, simulator }) => {
      const first = await start()
      await wholeJob(first, () => start({ secrets: first.secrets, local: first.local }), simulator)
      if (!Object.keys(deviation).some((key) => VISIBLE.includes(key))) return
      await expect(readable(first)).toMatchFileSnapshot(`alma-transcripts/${name}.txt`)
    })
  },
)

function nameOf(deviation: Partial<Behaviour>): string {
  return Object.entries(deviation)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ")
}

describe("the built entry, compiled by Bun", () => {
  const it = almaTest({ entry: "compiled by Bun" })

  it("gives the SDK a working configuration", async ({ alma, simulator }) => {
    await signInWithAccount(alma, simulator)
    const model = await almaModel(alma, "qwen3-max")
    expect((await generateText({ model, prompt: "What is 6 times 7?" })).text).toContain("42")
  })
})
