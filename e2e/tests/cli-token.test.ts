import { join } from "node:path"
import { describe, expect } from "vitest"
import { commandHome, it } from "../harness/cli/command.ts"
import { BUILT_PLUGIN, question, runOpenCode } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { createThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { writePrivately } from "../harness/opencode/with-opencode.ts"
import { expireOnDisk, readSignIn, signInTo } from "../harness/shared/stored-sign-in.ts"

describe("qwen-auth token", () => {
  it("refreshes once for 20 processes at once, which print the same token", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    await signInTo(simulator, home.tokenFile)
    await expireOnDisk(home.tokenFile)

    const results = await Promise.all(Array.from({ length: 20 }, () => home.run(["token"])))
    const { access_token } = await readSignIn(home.tokenFile)
    expect(results.map(({ code, stdout, stderr }) => [code, stdout, stderr])).toEqual(
      Array.from({ length: 20 }, () => [0, `${access_token}\n`, ""]),
    )
    expect(await simulator.refreshes()).toBe(1)
  })

  it.skipIf(opencodeMissing)("shares one refresh with the real OpenCode over one sign-in", async ({ simulator }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    const opencode = await createThrowawayHome({ plugin: BUILT_PLUGIN, env: simulator.env })
    try {
      await signInTo(simulator, opencode.tokenFile)
      const { access_token: access, refresh_token: refresh } = await readSignIn(opencode.tokenFile)
      await writePrivately(opencode.authFile, { alibaba: { type: "oauth", access, refresh, expires: 1 } })
      await expireOnDisk(opencode.tokenFile)
      const command = commandHome(join(opencode.root, "home"), simulator.env)

      const [answer, token] = await Promise.all([
        runOpenCode(opencode, question("What is 6 times 7?")),
        command.run(["token"]),
      ])
      expect(answer.stdout).toContain("42")
      expect(token).toMatchObject({ code: 0, stdout: `${(await readSignIn(opencode.tokenFile)).access_token}\n` })
      expect(await simulator.refreshes()).toBe(1)
    } finally {
      await opencode.remove()
    }
  })

  it("hides tokens in the log of --verbose", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    await signInTo(simulator, home.tokenFile)
    const before = await expireOnDisk(home.tokenFile)
    const { stdout, stderr } = await home.run(["token", "--verbose"])
    const after = await readSignIn(home.tokenFile)
    expect(stdout).toBe(`${after.access_token}\n`)
    for (const secret of [before.access_token, before.refresh_token, after.access_token, after.refresh_token])
      expect(stderr).not.toContain(secret)
  })
})
