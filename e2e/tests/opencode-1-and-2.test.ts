import { join } from "node:path"
import { describe, expect, onTestFinished, vi } from "vitest"
import { startHost } from "../../packages/opencode/test-host/start-host.ts"
import { BUILT_PLUGIN, question, runOpenCode } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { it, writePrivately } from "../harness/opencode/with-opencode.ts"
import { expireOnDisk, readSignIn, signInTo } from "../harness/shared/stored-sign-in.ts"

describe.skipIf(opencodeMissing)("the real OpenCode 1 and the host that plays OpenCode 2, at the same time", () => {
  it("refresh one sign-in once, and both answer", async ({ simulator, home }) => {
    await simulator.control("scenario", { deviceCode: { autoApprove: true } })
    await signInTo(simulator, home.tokenFile)
    const { access_token: access, refresh_token: refresh } = await readSignIn(home.tokenFile)
    await writePrivately(home.authFile, { alibaba: { type: "oauth", access, refresh, expires: 1 } })
    await expireOnDisk(home.tokenFile)

    for (const [name, value] of Object.entries({ ...simulator.env, HOME: join(home.root, "home") }))
      vi.stubEnv(name, value)
    const host = await startHost()
    onTestFinished(async () => {
      await host.close().catch(() => {})
      vi.unstubAllEnvs()
    })
    await host.install(await import(BUILT_PLUGIN))
    await host.open(home.project)

    const [answer, promptResult] = await Promise.all([
      runOpenCode(home, question("What is 6 times 7?")),
      host.connect("alibaba", "existing").then((signIn) => {
        expect(signIn).toMatchObject({ status: "complete" })
        return host.prompt("s", "What is 6 times 7?", { model: "alibaba/coder-model" })
      }),
    ])
    expect(answer.stdout).toContain("42")
    expect(promptResult).toMatchObject({ text: expect.stringContaining("42"), error: undefined })
    expect(await simulator.refreshes()).toBe(1)
    expect(host.credentials()[0]?.value).toMatchObject({ access: (await readSignIn(home.tokenFile)).access_token })
  })
})
