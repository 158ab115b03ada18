import { expect, it } from "vitest"
import * as entry from "./index.ts"

it("exports one plugin for both lines and nothing else: OpenCode 1 calls every function it finds", () => {
  expect(Object.keys(entry)).toEqual(["default"])
  expect(entry.default).toEqual({
    id: "opencode-alibaba-qwen-cli-auth",
    server: expect.any(Function),
    setup: expect.any(Function),
  })
})
