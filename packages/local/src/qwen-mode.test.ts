import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { describe, expect, it } from "vitest"
import { qwenMode } from "./qwen-mode.ts"

interface Sources {
  readonly environment?: string
  readonly option?: unknown
  readonly fileValue?: unknown
}

function decide({ environment, option, fileValue }: Sources) {
  const { log, logged } = fakePlatform()
  const on = qwenMode({ qwenModeVariable: environment, qwenMode: option }, fileValue, log)
  return { on, warnings: logged.map(({ level, message }) => `${level}: ${message}`) }
}

describe("whether the tool name prompt is on", () => {
  it.each<[string, Sources, boolean]>([
    ["by default", {}, true],
    ["follows auth-config.json", { fileValue: false }, false],
    ["follows the option", { option: false }, false],
    ["prefers the option to the file", { option: true, fileValue: false }, true],
    ["prefers the environment to the option", { environment: "0", option: true, fileValue: true }, false],
    ["prefers the environment to the file", { environment: "1", fileValue: false }, true],
    ["ignores invalid values of lower precedence", { environment: "1", option: "yes", fileValue: 7 }, true],
    ["ignores an empty variable", { environment: " ", fileValue: false }, false],
  ])("%s", (_, sources, expected) => {
    expect(decide(sources)).toEqual({ on: expected, warnings: [] })
  })

  it.each([
    ["1", true],
    ["true", true],
    ["TRUE", true],
    [" True\n", true],
    ["0", false],
    ["false", false],
    [" FALSE ", false],
  ])("QWEN_MODE=%j", (environment, expected) => {
    expect(decide({ environment, option: !expected })).toEqual({ on: expected, warnings: [] })
  })
})

describe("an invalid value is ignored with a warning", () => {
  it.each(["yes", "on", "2", "truefalse"])("QWEN_MODE=%j", (environment) => {
    expect(decide({ environment, option: false })).toEqual({
      on: false,
      warnings: [`warn: QWEN_MODE must be 1, true, 0 or false, not "${environment}"; it is ignored.`],
    })
  })

  it.each([
    ["false", '"false"'],
    ["x".repeat(500), `"${"x".repeat(40)}"`],
    [0, "a value of type number"],
    [null, "a value of type object"],
  ])("%j as option and in the file", (value, description) => {
    expect(decide({ option: value, fileValue: value })).toEqual({
      on: true,
      warnings: [
        `warn: The plugin option qwenMode must be true or false, not ${description}; it is ignored.`,
        `warn: qwenMode in auth-config.json must be true or false, not ${description}; it is ignored.`,
      ],
    })
  })
})
