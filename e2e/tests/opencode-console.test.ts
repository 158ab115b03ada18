import { stat } from "node:fs/promises"
import { describe, expect } from "vitest"
import { question, runOpenCode } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { openCodeInTerminal, terminalMissing } from "../harness/opencode/terminal.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it, readKeyEntry } from "../harness/opencode/with-model-studio.ts"
import { chromiumMissing, withBrowser } from "../harness/shared/chromium.ts"
import { isOpen } from "../harness/shared/port.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

const LOGIN = ["auth", "login", "-p", "alibaba", "-m", "Model Studio account (browser)"]
const DOWN = "\u001b[B"

/** The console's complete address on the screen. */
const ADDRESS = /https:\/\/\S+\/console-login\?notice=127\.0\.0\.1:(\d+)\?state=([0-9a-f]{32})&needapikey=true(?=\s)/

/** Signs in as a user does. `visit` plays the browser and is called when the address appears on the screen. */
async function signInThroughConsole(
  home: ThrowawayHome,
  site: "international" | "china",
  visit: (address: { url: string; notice: string }) => Promise<void>,
) {
  let visited: Promise<void> | undefined
  const result = await openCodeInTerminal(
    home,
    LOGIN,
    [{ after: "Where is your Alibaba Cloud account?", type: site === "china" ? `${DOWN}\r` : "\r" }],
    (screen) => {
      const [url, port, state] = ADDRESS.exec(screen) ?? []
      if (url !== undefined) visited ??= visit({ url, notice: `127.0.0.1:${port}?state=${state}` })
    },
  )
  await visited
  return result
}

describe.skipIf(opencodeMissing ?? terminalMissing)("signing in through the Model Studio console", () => {
  for (const { site, host, chat } of [
    { site: "international", host: "modelstudio.console.alibabacloud.com", chat: ".ap-southeast-1.maas.aliyuncs.com" },
    { site: "china", host: "bailian.console.aliyun.com", chat: ".cn-beijing.maas.aliyuncs.com" },
  ] as const) {
    it.skipIf(chromiumMissing)(
      `${site}: a key from a real browser works and is never shown`,
      async ({ simulator, home }) => {
        let page = ""
        const result = await signInThroughConsole(home, site, ({ url }) =>
          withBrowser(simulator.proxyEnv["HTTPS_PROXY"] ?? "", async (context) => {
            const tab = await context.newPage()
            expect(new URL(url).host).toBe(host)
            await tab.goto(url)
            await tab.getByRole("button", { name: "Allow" }).click()
            await tab.getByText("You can close this window").waitFor()
            page = await tab.content()
          }),
        )

        expect(result.output).toContain("requests are paid as you go and can cost money")
        expect(result.output).toContain("Login successful")
        const { key, metadata } = await readKeyEntry(home)
        expect(metadata["plan"]).toBe("pay-as-you-go")
        expect(result.output + page).not.toContain(key)

        expect((await runOpenCode(home, question("What is 6 times 7?"))).output).toContain("42")
        const chats = await simulator.chats()
        expect(chats.map((request) => request.host.endsWith(chat))).toEqual([true])
      },
    )
  }

  it("states the cost before it shows the address", async ({ simulator, home }) => {
    const { output } = await signInThroughConsole(home, "international", ({ notice }) => consoleCall(simulator, notice))
    expect(output.indexOf("can cost money")).toBeGreaterThan(-1)
    expect(output.indexOf("can cost money")).toBeLessThan(output.indexOf("Go to: "))
  })

  it("ignores foreign calls and accepts the console's call", async ({ simulator, home }) => {
    const { output } = await signInThroughConsole(home, "international", async ({ notice }) => {
      await consoleCall(simulator, notice, { state: "0".repeat(32) })
      await consoleCall(simulator, notice, { origin: "https://evil.test" })
      await consoleCall(simulator, notice, { fields: { api_key: null } })
      await consoleCall(simulator, notice, { fields: { base_url: "https://evil.test/compatible-mode/v1" } })
      await consoleCall(simulator, notice)
    })
    expect(output).toContain("Login successful")
    expect((await readKeyEntry(home)).metadata["baseUrl"]).toMatch(/\.maas\.aliyuncs\.com\/compatible-mode\/v1$/)
  })

  it("leaves no record and no listener after Ctrl-C", async ({ home }) => {
    const { output } = await openCodeInTerminal(home, LOGIN, [
      { after: "Where is your Alibaba Cloud account?", type: "\r" },
      { after: "Waiting for authorization", type: "\u0003" },
    ])
    const port = Number(ADDRESS.exec(output)?.[1])
    expect(port).toBeGreaterThan(0)
    expect(await isOpen(port)).toBe(false)
    await expect(stat(home.authFile)).rejects.toThrow("ENOENT")
  })
})

async function consoleCall(simulator: Simulator, notice: string, changes: object = {}): Promise<void> {
  await simulator.control("console-call", { notice, ...changes })
}
