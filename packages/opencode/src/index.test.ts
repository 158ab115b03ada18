import { expect, it } from "vitest"
import * as entry from "./index.ts"
import { server } from "./v1/server.ts"

it("exports one plugin and nothing else: OpenCode calls every function it finds", () => {
  expect(Object.keys(entry)).toEqual(["default"])
  expect(entry.default).toEqual({ id: "opencode-alibaba-qwen-cli-auth", server })
})
