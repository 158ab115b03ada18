import { describe, expect, it } from "vitest"
import { gatewayModels } from "../gateway/gateway-models.ts"
import { TOKEN_PLAN_KEY } from "../testing/gateway-under-test.ts"
import { clientArguments } from "./client-arguments.ts"
import { clientEnvironment } from "./client-environment.ts"

const OFFERED = gatewayModels(TOKEN_PLAN_KEY)
const argumentsOf = (command: string, model?: string) =>
  clientArguments(
    command,
    clientEnvironment(
      { origin: "http://127.0.0.1:7936", localKey: "local-key" },
      new Map(model === undefined ? [] : [["sonnet", model]]),
      OFFERED,
    ),
    OFFERED,
  )

describe("clientArguments", () => {
  it.each(["codex", "/usr/local/bin/codex", "C:\\npm\\codex.cmd", "codex.exe"])(
    "leads %s to the gateway",
    (command) => {
      expect(argumentsOf(command)).toContain("model_provider=qwen-auth")
      expect(argumentsOf(command)).toContain("model_providers.qwen-auth.base_url=http://127.0.0.1:7936/v1")
      expect(argumentsOf(command)).toContain("model=qwen3.7-plus")
      expect(argumentsOf(command)).toContain("model_context_window=983616")
    },
  )

  it("contains no secret, because other users see arguments", () => {
    expect(argumentsOf("codex").join(" ")).not.toContain("local-key")
  })

  it("sets no context window for an unknown model", () => {
    expect(argumentsOf("codex", "new-model")).toContain("model=new-model")
    expect(argumentsOf("codex", "new-model").join(" ")).not.toContain("model_context_window")
  })

  it.each(["claude", "codexer", "my-codex", "node"])("returns nothing for %s", (command) => {
    expect(argumentsOf(command)).toEqual([])
  })
})
