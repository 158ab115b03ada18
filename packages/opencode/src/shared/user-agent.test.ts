import { expect, it } from "vitest"
import { version } from "../../package.json" with { type: "json" }
import { userAgent } from "./user-agent.ts"

it("has the package's name, version, platform and architecture", () => {
  expect(userAgent("linux", "x64")).toBe(`opencode-alibaba-qwen-cli-auth/${version} (linux; x64)`)
})
