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

describe("the arguments of a client", () => {
  it.each(["codex", "/usr/local/bin/codex", "C:\\npm\\codex.cmd", "codex.exe"])("lead %s to the gateway", (command) => {
    expect(argumentsOf(command)).toContain("model_provider=qwen-auth")
    expect(argumentsOf(command)).toContain("model_providers.qwen-auth.base_url=http://127.0.0.1:7936/v1")
    expect(argumentsOf(command)).toContain("model=qwen3.7-plus")
    expect(argumentsOf(command)).toContain("model_context_window=983616")
  })

  it("have no secret, because others see them", () => {
    expect(argumentsOf("codex").join(" ")).not.toContain("local-key")
  })

  it("have no window of a model that is not known", () => {
    expect(argumentsOf("codex", "new-model")).toContain("model=new-model")
    expect(argumentsOf("codex", "new-model").join(" ")).not.toContain("model_context_window")
  })

  it.each(["claude", "codexer", "my-codex", "node"])("are none for %s", (command) => {
    expect(argumentsOf(command)).toEqual([])
  })
})
