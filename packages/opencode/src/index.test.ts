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

it("does nothing in the early context of OpenCode 1.18, which calls setup beside server", async () => {
  const transformed: unknown[] = []
  const transform = async (callback: unknown) => {
    transformed.push(callback)
    return { dispose: async () => {} }
  }
  const context = { options: {}, integration: { transform, reload: async () => {} } }
  const cleanup = await Reflect.apply(entry.default.setup, undefined, [context])
  expect(transformed).toEqual([])
  cleanup()
})
