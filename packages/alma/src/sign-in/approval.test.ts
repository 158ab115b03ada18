import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { describe, expect, it } from "vitest"
import { type TestAlmaOptions, testAlma } from "../testing/test-alma.ts"
import { withProgress } from "../ui/progress.ts"
import { waitForApproval } from "./approval.ts"

const PAGE = "https://chat.qwen.ai/authorize?user_code=ABCD-1234"
const CODE = "ABCD-1234"
const CANCEL = "Cancel sign-in"
const OPEN_AGAIN = "Open the page again"

/** Starts to wait; the wait ends when the user cancels, or with `approve`. */
function waiting(options: TestAlmaOptions = {}) {
  const alma = testAlma(options)
  const platform = fakePlatform({ autoAdvance: false })
  const { ui, openInBrowser } = alma
  const outer = new AbortController()
  let approve = () => {}
  const ended = withProgress(platform, ui, "Signing in", outer.signal, (progress) =>
    waitForApproval(
      { platform, ui, openInBrowser },
      {
        url: PAGE,
        text: (opened) => `${opened ? "Approve in the browser" : "Open"} ${PAGE} and check the code ${CODE}`,
      },
      progress,
      (signal) =>
        new Promise((resolve) => {
          approve = () => resolve("approved")
          signal.addEventListener("abort", () => resolve("cancelled"), { once: true })
        }),
    ),
  )
  return { alma, platform, ended, outer, approve: () => approve() }
}

describe("while a sign-in waits for the approval", () => {
  it("the code and the address stay in a dialog, however often the user opens the page again", async () => {
    const { alma, ended, approve } = waiting({ behaviour: { progress: "shows nothing" } })
    for (const times of [1, 2, 3]) {
      await settle()
      expect(alma.visible()).toContain(CODE)
      expect(alma.visible()).toContain(PAGE)
      expect(alma.opened()).toHaveLength(times)
      alma.press(OPEN_AGAIN)
    }
    await settle()
    approve()
    expect(await ended).toBe("approved")
    alma.press(CANCEL)
    await settle()
    expect([alma.confirms().length, alma.notices()]).toEqual([4, []])
  })

  it("the dialog says whether the page was opened", async () => {
    for (const [browser, text] of [
      ["openExternal", "Approve in the browser"],
      ["none", "Open"],
    ] as const) {
      const { alma, outer } = waiting({ behaviour: { browser } })
      await settle()
      expect(alma.confirms()[0]?.text).toMatch(new RegExp(`^${text} https`))
      outer.abort()
    }
  })

  it("its dialog cancels it", async () => {
    const { alma, ended, platform } = waiting()
    await settle()
    alma.press(CANCEL)
    expect(await ended).toBe("cancelled")
    await settle()
    expect([platform.beating(), alma.leaks()]).toEqual([0, []])
  })

  it.each([
    ["is missing", { confirmDialog: "absent" }],
    ["throws", { confirmDialog: "throws" }],
  ] as const)("a notification stays when the dialog %s, and its button cancels", async (_, behaviour) => {
    const { alma, ended } = waiting({ behaviour: { progress: "absent", ...behaviour } })
    await settle()
    expect(alma.notices()).toMatchObject([{ duration: 0, action: CANCEL }])
    expect(alma.visible()).toContain(CODE)
    expect(alma.visible()).toContain(PAGE)
    alma.press(CANCEL)
    expect(await ended).toBe("cancelled")
  })

  it("the notification says how to cancel when Alma takes no button", async () => {
    const { alma, outer, ended } = waiting({
      behaviour: { progress: "absent", confirmDialog: "absent", functions: "refused" },
    })
    await settle()
    expect(alma.notices()).toMatchObject([
      { duration: 0, action: undefined, text: expect.stringMatching(/ABCD-1234\nTo cancel, run: Login to Qwen/) },
    ])
    outer.abort()
    expect(await ended).toBe("cancelled")
  })

  it("goes on when Alma can show nothing at all", async () => {
    const behaviour = { progress: "throws", confirmDialog: "throws", notifications: "throw" } as const
    const { platform, approve, ended } = waiting({ behaviour })
    await settle()
    approve()
    expect(await ended).toBe("approved")
    expect(platform.logged.at(-1)?.message).toBe("Alma did not show a message.")
  })

  it("a dialog that is closed without an answer is replaced by a notification, and cancels nothing", async () => {
    const { alma, approve, ended } = waiting({ ui: { showConfirmDialog: async () => JSON.parse("null") } })
    await settle()
    expect(alma.notices()).toMatchObject([{ duration: 0 }])
    approve()
    expect(await ended).toBe("approved")
  })

  it("a dialog that confirms itself opens the page a bounded number of times", async () => {
    const { alma, outer } = waiting({ ui: { showConfirmDialog: async () => true } })
    await settle()
    for (let count = 0; count < 20; count++) await settle()
    expect(alma.opened()).toHaveLength(21)
    expect(alma.notices()).toMatchObject([{ duration: 0 }])
    outer.abort()
  })
})
