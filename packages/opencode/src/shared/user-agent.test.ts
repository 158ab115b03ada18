import { expect, it } from "vitest"
import { version } from "../../package.json" with { type: "json" }
import { USER_AGENT } from "./user-agent.ts"

it("has the package's name, version, platform and architecture", () => {
  expect(USER_AGENT).toBe(`opencode-alibaba-qwen-cli-auth/${version} (${process.platform}; ${process.arch})`)
})
