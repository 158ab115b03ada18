import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { describe, expect, it } from "vitest"
import type { Behaviour } from "../test-host/behaviour.ts"
import { registerCommand } from "./commands.ts"
import { testAlma } from "./testing/test-alma.ts"

function setUp(commands: Behaviour["commands"]) {
  const alma = testAlma({ behaviour: { commands } })
  const platform = fakePlatform({ autoAdvance: false })
  let calls = 0
  const registered = registerCommand(alma.context, platform, "login", async () => ++calls)
  return { alma, platform, registered, run: () => alma.commands.run("qwen-auth.login") }
}

describe("a command", () => {
  it.each(["exact", "prefixed", "called by both"] as const)("runs once per click when the ids are %s", async (ids) => {
    const { alma, run, registered, platform } = setUp(ids)
    expect(await run()).toBe(1)
    platform.pass(10_000)
    expect(await run()).toBe(2)
    for (const one of registered) one.dispose()
    expect([alma.leaks(), platform.logged]).toEqual([[], []])
  })

  it("runs again for a second click on the same id, even at once", async () => {
    const { run } = setUp("exact")
    expect([await run(), await run()]).toEqual([1, 2])
  })

  it("is missed only when Alma refuses both ids", () => {
    const platform = fakePlatform()
    const refusing = {
      register() {
        throw new Error("refused")
      },
    }
    expect(registerCommand({ commands: refusing }, platform, "login", async () => {})).toEqual([])
    expect(platform.logged).toMatchObject([{ level: "warn", message: "Alma refused a command." }])
  })
})
