import { execFile, spawnSync } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import { initialScenario } from "./scenario/scenario.ts"
import { proxiedSimulator } from "./test-support/proxied-simulator.ts"

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8")
const tools = ["bash", "curl"].every((tool) => spawnSync(tool, ["--version"]).status === 0)

test.skipIf(!tools)(
  `the README's examples work in one shell${tools ? "" : " (skipped: needs bash and curl)"}`,
  async () => {
    const { origin, proxy, certificateFile, log } = await proxiedSimulator()
    const examples = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((block) => block[1]).join("\n")
    const env = { ...process.env, ORIGIN: origin, PROXY: proxy, CERTIFICATE: certificateFile }
    const { stdout, stderr } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", examples], { env })
    expect(stderr).toBe("")
    expect(stdout).toContain('"state":"approved"')
    expect(stdout).toContain('"content":"42"')
    expect(stdout).toContain("data: [DONE]")
    expect(stdout).toContain('"content":"6 * 7 = 42"')
    expect(stdout).toMatch(/"key":"sk-ws-\w+"/)
    expect(stdout).toContain('"id":"kimi-k2.5"')
    expect(stdout).toContain('"host":"coding-intl.dashscope.aliyuncs.com","proxied":true')
    expect(stdout).not.toContain('"error"')
    expect(stdout).toContain('"path":"/v1/chat/completions"')
    expect(await log()).toEqual([])
  },
)

test("the README lists every key of the scenario with its default", () => {
  const { deviceCode, token, chat, plans, proxy, answers, ...rest } = initialScenario
  const prefixed = (prefix: string, section: object) =>
    Object.entries(section).map(([key, value]) => [`${prefix}.${key}`, value])
  const keys = [
    ...prefixed("deviceCode", deviceCode),
    ...prefixed("token", token),
    ...prefixed("chat", chat),
    ...prefixed("plans", plans),
    ...prefixed("proxy", proxy),
    ...prefixed("answers.ENDPOINT", answers.chat),
    ...Object.entries(rest),
  ]
  for (const [key, value] of keys) expect(readme).toContain(`| \`${key}\` | \`${JSON.stringify(value)}\` |`)
})
