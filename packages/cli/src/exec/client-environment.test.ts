import { execFileSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { gatewayModels } from "../gateway/gateway-models.ts"
import { TOKEN_PLAN_KEY } from "../testing/gateway-under-test.ts"
import { changedEnvironment, clientEnvironment, shellCommands } from "./client-environment.ts"

const GATEWAY = { origin: "http://127.0.0.1:7936", localKey: "local-key" }
const OFFERED = gatewayModels(TOKEN_PLAN_KEY)
const environmentFor = (choices: Record<string, string> = {}) =>
  clientEnvironment(GATEWAY, new Map(Object.entries(choices)), OFFERED)

describe("clientEnvironment", () => {
  it("leads clients of both APIs to the gateway, with the plan's models and limits", () => {
    expect(environmentFor()).toEqual({
      set: {
        OPENAI_BASE_URL: "http://127.0.0.1:7936/v1",
        OPENAI_API_KEY: "local-key",
        OPENAI_MODEL: "qwen3.7-plus",
        ANTHROPIC_BASE_URL: "http://127.0.0.1:7936",
        ANTHROPIC_AUTH_TOKEN: "local-key",
        ANTHROPIC_MODEL: "qwen3.7-plus",
        ANTHROPIC_DEFAULT_OPUS_MODEL: "qwen3.7-plus",
        ANTHROPIC_DEFAULT_SONNET_MODEL: "qwen3.7-plus",
        ANTHROPIC_DEFAULT_HAIKU_MODEL: "qwen3.8-flash",
        ANTHROPIC_SMALL_FAST_MODEL: "qwen3.8-flash",
        CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: "1",
        CLAUDE_CODE_MAX_OUTPUT_TOKENS: "32768",
        CLAUDE_CODE_MAX_CONTEXT_TOKENS: "983616",
        CLAUDE_CODE_AUTO_COMPACT_WINDOW: "983616",
      },
      unset: ["ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX"],
    })
  })

  it("sets the limits of the smallest chosen model", () => {
    expect(environmentFor({ opus: "glm-5" }).set).toMatchObject({
      ANTHROPIC_DEFAULT_OPUS_MODEL: "glm-5",
      CLAUDE_CODE_MAX_CONTEXT_TOKENS: "202752",
    })
  })

  it("sets no limits for an unknown model", () => {
    const { set } = environmentFor({ sonnet: "no-such-model" })
    expect(set["ANTHROPIC_MODEL"]).toBe("no-such-model")
    expect(Object.keys(set).filter((name) => /^CLAUDE_CODE_(MAX|AUTO)/.test(name))).toEqual([])
  })

  it("keeps the rest of the caller's environment", () => {
    const own = { PATH: "/bin", ANTHROPIC_API_KEY: "sk-ant-1", OPENAI_API_KEY: "sk-1", NO_PROXY: "a.example" }
    const changed = changedEnvironment(own, { set: { OPENAI_API_KEY: "local-key" }, unset: ["ANTHROPIC_API_KEY"] })
    expect(changed).toEqual({ PATH: "/bin", OPENAI_API_KEY: "local-key", NO_PROXY: "a.example" })
  })

  it.each([
    [{ HTTP_PROXY: "http://p:1" }, "127.0.0.1"],
    [{ http_proxy: "http://p:1", NO_PROXY: "a.example" }, "a.example,127.0.0.1"],
    [{ ALL_PROXY: "http://p:1", no_proxy: "b.example", NO_PROXY: "a.example" }, "b.example,127.0.0.1"],
  ])("keeps loopback out of a proxy: %j", (own, noProxy) => {
    expect(changedEnvironment(own, { set: {}, unset: [] })).toEqual({ ...own, no_proxy: noProxy, NO_PROXY: noProxy })
  })
})

describe("shellCommands", () => {
  const change = { set: { A: 'it\'s $HOME `x` \\ "y"', B: "" }, unset: ["C"] }

  it("sets and removes variables with any content", () => {
    const script = `${shellCommands(change, "linux")}printf '%s|%s|%s' "$A" "$B" "\${C-none}"`
    expect(execFileSync("sh", ["-c", script], { env: { C: "1" }, encoding: "utf8" })).toBe(`${change.set.A}||none`)
  })

  it("writes PowerShell commands on Windows", () => {
    expect(shellCommands(change, "win32")).toBe(
      "Remove-Item Env:C -ErrorAction SilentlyContinue\n$env:A = 'it''s $HOME `x` \\ \"y\"'\n$env:B = ''\n",
    )
  })
})
