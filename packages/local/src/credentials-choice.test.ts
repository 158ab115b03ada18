import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { describe, expect, it } from "vitest"
import { chosenCredentials } from "./credentials-choice.ts"

const PATH = "/home/ada/.opencode/qwen/auth-config.json"

function choose(option: unknown, configured?: unknown) {
  const { log, logged } = fakePlatform()
  const choice = chosenCredentials(option, configured, PATH, log)
  return { choice, warnings: logged.map(({ level, message }) => `${level}: ${message}`) }
}

describe("the choice of the sign-in", () => {
  it.each<[string, unknown, unknown, "own" | "qwen-code"]>([
    ["is the plugin's own by default", undefined, undefined, "own"],
    ["follows the option", "qwen-code", undefined, "qwen-code"],
    ["follows auth-config.json", undefined, "qwen-code", "qwen-code"],
    ["prefers the option to the file", "own", "qwen-code", "own"],
    ["ignores an invalid file value beside the option", "qwen-code", 7, "qwen-code"],
  ])("%s", (_, option, configured, expected) => {
    expect(choose(option, configured)).toEqual({ choice: expected, warnings: [] })
  })
})

describe("an invalid value causes a warning, and the plugin's own sign-in is used", () => {
  it.each<[unknown, string]>([
    ["qwen_code", '"qwen_code"'],
    ["", '""'],
    ["x".repeat(500), `"${"x".repeat(40)}"`],
    [true, "a value of type boolean"],
    [null, "a value of type object"],
  ])("option %j", (option, description) => {
    expect(choose(option, "qwen-code")).toEqual({
      choice: "own",
      warnings: [
        `warn: The plugin option credentials must be "own" or "qwen-code", not ${description}; "own" is used.`,
      ],
    })
  })

  it.each<[unknown, string]>([
    [7, "a value of type number"],
    ["Own", '"Own"'],
    [null, "a value of type object"],
  ])("in auth-config.json: %j", (configured, description) => {
    expect(choose(undefined, configured)).toEqual({
      choice: "own",
      warnings: [`warn: credentials in ${PATH} must be "own" or "qwen-code", not ${description}; "own" is used.`],
    })
  })
})
