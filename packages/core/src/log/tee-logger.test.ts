import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { expect, it } from "vitest"
import { teeLogger } from "./tee-logger.ts"

it.each(["debug", "warn", "error"] as const)("tells each of %s", (level) => {
  const [one, other] = [fakePlatform(), fakePlatform()]
  teeLogger(one.log, other.log)[level]("said", { a: 1 })
  expect(one.logged).toEqual([{ level, message: "said", fields: { a: 1 } }])
  expect(other.logged).toEqual(one.logged)
})
