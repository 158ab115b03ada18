import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as fc from "fast-check"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { anyText } from "qwen-auth-testing/properties"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { readAuthConfig, warnOfUnknown } from "./auth-config.ts"

const temporaryFolder = temporaryFolders()

async function read(content?: string | "a folder") {
  const path = join(await temporaryFolder(), "auth-config.json")
  if (content === "a folder") await mkdir(path)
  else if (content !== undefined) await writeFile(path, content)
  const { log, logged } = fakePlatform()
  const config = await readAuthConfig(path, log)
  return { config, path, warnings: logged.map(({ level, message }) => `${level}: ${message}`) }
}

describe("auth-config.json", () => {
  it("may be missing", async () => {
    expect(await read()).toMatchObject({ config: {}, warnings: [] })
  })

  it("may be missing with its folder, or its folder may be a file", async () => {
    const file = join(await temporaryFolder(), "file")
    await writeFile(file, "mine")
    const { log, logged } = fakePlatform()
    expect(await readAuthConfig(join(file, "auth-config.json"), log)).toEqual({})
    expect(logged).toEqual([])
  })

  it.each([
    ["{}", {}],
    ['{"qwenMode": false}', { qwenMode: false }],
    ['{"credentials": "qwen-code", "qwenMode": true}', { credentials: "qwen-code", qwenMode: true }],
    ['\uFEFF{"qwenMode": true}', { qwenMode: true }],
    ['{"$schema": "https://example.test/schema.json"}', {}],
    [' \r\n{"qwenMode": true}\r\n', { qwenMode: true }],
    ['\uFEFF\u00a0{"qwenMode": true}\v\u00a0', { qwenMode: true }],
  ])("is returned as parsed: %j", async (content, expected) => {
    const { config, warnings } = await read(content)
    expect(config).toMatchObject(expected)
    expect(warnings).toEqual([])
  })

  it("returns its values without validation", async () => {
    const { config, warnings } = await read('{"qwenMode": "maybe", "credentials": [7]}')
    expect(config).toEqual({ qwenMode: "maybe", credentials: [7] })
    expect(warnings).toEqual([])
  })

  it("is used when it has unknown entries, which are named in a warning", async () => {
    const { config, path, warnings } = await read('{"qwenmode": false, "credentials": "own", "Debug": 1}')
    expect(config.credentials).toBe("own")
    expect(config.qwenMode).toBeUndefined()
    expect(warnings).toEqual([`warn: Ignoring unknown entries in the configuration ${path}: "qwenmode", "Debug".`])
  })
})

describe("an unusable file causes a warning with its path, and the defaults are used", () => {
  it.each([
    ["", 1, 1],
    ["{", 1, 2],
    ['{"qwenMode": true,}', 1, 19],
    ['{\n  "qwenMode": yes\n}', 2, 15],
    ["{'credentials': 'own'}", 1, 2],
    ['\uFEFF{"a" 1}', 1, 6],
  ])("invalid JSON: %j at line %i, column %i", async (content, line, column) => {
    const { config, path, warnings } = await read(content)
    expect(config).toEqual({})
    expect(warnings).toEqual([
      `warn: The configuration ${path} is not valid JSON (line ${line}, column ${column}). The defaults are used.`,
    ])
  })

  it.each(["[]", '[{"qwenMode": true}]', "null", '"qwen-code"', "7"])("not an object: %s", async (content) => {
    const { config, path, warnings } = await read(content)
    expect(config).toEqual({})
    expect(warnings).toEqual([`warn: The configuration ${path} is not a JSON object. The defaults are used.`])
  })

  it("a file that cannot be read", async () => {
    const { config, path, warnings } = await read("a folder")
    expect(config).toEqual({})
    expect(warnings).toEqual([`warn: The configuration ${path} cannot be read. The defaults are used.`])
  })

  it("the log contains nothing of the text", async () => {
    const { warnings } = await read('{"credentials": sk-sp-secret-of-somebody}')
    expect(warnings.join()).not.toContain("secret")
  })

  it("never throws, whatever the file contains", async () => {
    const path = join(await temporaryFolder(), "auth-config.json")
    const { log } = fakePlatform()
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyText, fc.json()), async (content) => {
        await writeFile(path, content)
        expect(await readAuthConfig(path, log)).toBeTypeOf("object")
      }),
      { numRuns: 50 },
    )
  })

  it("does not throw for extremely deep nesting", async () => {
    expect((await read("[".repeat(100_000))).config).toEqual({})
  })
})

describe("unknown entries", () => {
  it("cause no warning when there are none", () => {
    const { log, logged } = fakePlatform()
    warnOfUnknown([], "here", log)
    expect(logged).toEqual([])
  })

  it("are escaped and shortened", () => {
    const { log, logged } = fakePlatform()
    warnOfUnknown(["\u001b[2J", "x".repeat(99)], "here", log)
    expect(logged[0]?.message).toBe(`Ignoring unknown entries in here: "\\u001b[2J", "${"x".repeat(40)}".`)
  })
})
