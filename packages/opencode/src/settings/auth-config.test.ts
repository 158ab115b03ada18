import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { fakeWorld } from "../../core/src/testing/fake-world.ts"
import { temporaryFolders } from "../../core/src/testing/temporary-folder.ts"
import { chosenCredentials } from "./auth-config.ts"

const temporaryFolder = temporaryFolders()

async function choose(option: unknown, content?: string | "a folder") {
  const path = join(await temporaryFolder(), "auth-config.json")
  if (content === "a folder") await mkdir(path)
  else if (content !== undefined) await writeFile(path, content)
  const { log, logged } = fakeWorld()
  const choice = await chosenCredentials(option, path, log)
  return { choice, path, warnings: logged.map(({ level, message }) => `${level}: ${message}`) }
}

const sharing = '{"credentials": "qwen-code"}'

describe("whose sign-in is used", () => {
  it.each<[string, unknown, string | undefined, "own" | "qwen-code"]>([
    ["its own by default", undefined, undefined, "own"],
    ["what the option says", "qwen-code", undefined, "qwen-code"],
    ["what auth-config.json says", undefined, sharing, "qwen-code"],
    ["what the option says before the file", "own", sharing, "own"],
    ["its own when the file speaks of other things", undefined, '{"qwenMode": true}', "own"],
    ["what the file says after a byte order mark", undefined, `\uFEFF${sharing}`, "qwen-code"],
    ["what the option says beside a broken file", "qwen-code", "{", "qwen-code"],
  ])("%s", async (_, option, content, expected) => {
    expect(await choose(option, content)).toMatchObject({ choice: expected, warnings: [] })
  })
})

describe("what cannot be understood is a warning and the default", () => {
  it.each<[unknown, string]>([
    ["qwen_code", '"qwen_code"'],
    ["x".repeat(500), `"${"x".repeat(40)}"`],
    [true, "a value of type boolean"],
    [null, "a value of type object"],
  ])("option %j", async (option, told) => {
    const { choice, warnings } = await choose(option, sharing)
    expect(choice).toBe("own")
    expect(warnings).toEqual([
      `warn: The plugin option credentials must be "own" or "qwen-code", not ${told}; "own" is used.`,
    ])
  })

  it("in auth-config.json", async () => {
    const { choice, warnings, path } = await choose(undefined, '{"credentials": 7}')
    expect(choice).toBe("own")
    expect(warnings).toEqual([
      `warn: credentials in ${path} must be "own" or "qwen-code", not a value of type number; "own" is used.`,
    ])
  })

  it.each(["", "{", "[]", "null", '"qwen-code"'])("auth-config.json holds %j", async (content) => {
    const { choice, warnings, path } = await choose(undefined, content)
    expect(choice).toBe("own")
    expect(warnings).toEqual([`warn: The configuration ${path} is no JSON object; defaults are used.`])
  })

  it("auth-config.json cannot be read", async () => {
    const { choice, warnings, path } = await choose(undefined, "a folder")
    expect(choice).toBe("own")
    expect(warnings).toEqual([`warn: The configuration ${path} cannot be read; defaults are used.`])
  })
})
