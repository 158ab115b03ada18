import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { setUpIn } from "./testing/set-up.ts"
import { appendToolNames } from "./tool-names.ts"

const temporaryFolder = temporaryFolders()
const schema = { type: "object", properties: { filePath: { type: "string" }, offset: {} }, required: ["filePath"] }
const prompt = (tools: unknown) => ({ system: [{ type: "text" as const, text: "You are OpenCode." }], tools })

describe.each([
  ["a list with names", [{ name: "read", description: "Reads", inputSchema: schema }]],
  ["a list with ids", [{ id: "read", description: "Reads", parameters: schema }]],
  ["an object by name", { read: { description: "Reads", input: schema } }],
  ["a map by name", new Map([["read", { description: "Reads", inputSchema: schema }]])],
])("tools as %s", (_, tools) => {
  it("are mapped with their parameters in one more part of the system prompt", () => {
    const event = prompt(tools)
    appendToolNames(event)

    expect(event.system).toHaveLength(2)
    expect(event.system[1]?.text).toContain("- read_file, read_many_files → read(filePath, offset?)")
    expect(event.system[1]?.text).toContain("Not available:")
  })

  it("are mapped once, even by two copies of the plugin", () => {
    const event = prompt(tools)
    appendToolNames(event)
    appendToolNames(event)

    expect(event.system).toHaveLength(2)
  })
})

it.each([undefined, null, 7, "read", [], {}, [{ name: "of_another_plugin" }], [null]])("%j add nothing", (tools) => {
  const event = prompt(tools)
  appendToolNames(event)

  expect(event.system).toHaveLength(1)
})

it("the hook of prompts adds the text", async () => {
  const { callbacks } = await setUpIn(await temporaryFolder())
  const event = prompt([{ name: "read", description: "", inputSchema: schema }])
  await callbacks.context?.(event)

  expect(event.system).toHaveLength(2)
})

it("a wrong qwenMode causes one warning, however many prompts follow", async () => {
  const { callbacks, platform } = await setUpIn(await temporaryFolder(), { environment: { QWEN_MODE: "maybe" } })
  for (const _ of [1, 2]) await callbacks.context?.(prompt([{ name: "read", description: "", inputSchema: schema }]))

  const warnings = platform.logged.filter(({ level }) => level === "warn").map(({ message }) => message)
  expect(warnings).toEqual(['QWEN_MODE must be 1, true, 0 or false, not "maybe"; it is ignored.'])
})
