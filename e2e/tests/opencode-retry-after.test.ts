import { describe, expect } from "vitest"
import { converse } from "../harness/opencode/conversation.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { withOpenCodeServer } from "../harness/opencode/opencode-server.ts"
import { retryNotice } from "../harness/opencode/retry-notice.ts"
import { it, moveExpiry, signedIn } from "../harness/opencode/with-opencode.ts"

const MINUTE_MS = 60_000
/** OpenCode's own wait before its second attempt. */
const OWN_FIRST_WAIT_MS = 2_000

const PASSED = new Date(Date.now() - MINUTE_MS).toUTCString()

const refused = (status: number, retryAfter: string) => ({
  status,
  headers: { "retry-after": retryAfter },
  body: { error: { code: "rate_limit", message: "Requests rate limit exceeded" } },
})

describe.skipIf(opencodeMissing)("the real OpenCode with a useless Retry-After", () => {
  it.for([
    [429, "0"],
    [503, PASSED],
  ] as const)("waits as long as without it: %i with %s", async ([status, value], { simulator, home }) => {
    await signedIn(simulator, home)
    await simulator.control("scenario", { answers: { chat: { standing: refused(status, value) } } })

    await withOpenCodeServer(home, async (server) => {
      const { askedAt, next } = await retryNotice(server)
      expect(next - askedAt).toBeGreaterThanOrEqual(OWN_FIRST_WAIT_MS)
    })
  })

  it.for(["0", PASSED])("does not refresh at each request: %s", async (value, { simulator, home }) => {
    await signedIn(simulator, home)
    await moveExpiry(home, Date.now() + 3 * MINUTE_MS)
    await simulator.control("scenario", { answers: { refresh: { standing: refused(429, value) } } })
    await converse(home, async ({ ask }) => {
      for (let question = 0; question < 10; question++) await ask("What is 6 times 7?")
    })

    expect(await simulator.chats()).toHaveLength(10)
    expect(await simulator.refreshes()).toBeLessThan(3)
  })
})
