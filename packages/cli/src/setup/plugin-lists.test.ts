import { parse } from "jsonc-parser"
import { describe, expect, it } from "vitest"
import { addPlugin, isOurPlugin, PLUGIN_NAME, removePlugin, UnusableConfig } from "./plugin-lists.ts"

const ENTRIES = { plugin: PLUGIN_NAME, plugins: PLUGIN_NAME }
const CHECKOUT = { plugin: "/src/packages/opencode", plugins: "/src/packages/opencode/dist" }
const N = `"${PLUGIN_NAME}"`

/** Configurations as people have them: before, and after with `«added»` around what is new. */
const CASES: readonly (readonly [name: string, marked: string])[] = [
  ["one property", `{\n  "model": "a/b"«,\n  "plugin": [${N}],\n  "plugins": [${N}]»\n}\n`],
  ["a trailing comma", `{\n  "model": "a/b",«\n  "plugin": [${N}],»«\n  "plugins": [${N}],»\n}\n`],
  ["tabs", `{\n\t"model": "a/b"«,\n\t"plugin": [${N}],\n\t"plugins": [${N}]»\n}`],
  ["four spaces", `{\n    "model": "a/b"«,\n    "plugin": [${N}],\n    "plugins": [${N}]»\n}\n`],
  ["CRLF", `{\r\n  "model": "a/b"«,\r\n  "plugin": [${N}],\r\n  "plugins": [${N}]»\r\n}\r\n`],
  ["one line", `{"model":"a/b"«, "plugin": [${N}], "plugins": [${N}]»}`],
  [
    "a comment behind the last property",
    `{\n  "model": "a/b"«,» // mine«\n  "plugin": [${N}],\n  "plugins": [${N}]»\n}\n`,
  ],
  [
    "a comment behind a trailing comma",
    `{\n  "model": "a/b", /* mine */«\n  "plugin": [${N}],\n  "plugins": [${N}],»\n}\n`,
  ],
  [
    "comments around",
    `// first\n{\n  // model\n  "model": "a/b"«,\n  "plugin": [${N}],\n  "plugins": [${N}]»\n  // end\n}\n// last\n`,
  ],
  ["an empty list", `{\n  "plugin": [«${N}»]«,\n  "plugins": [${N}]»\n}\n`],
  ["a list in one line", `{\n  "plugin": ["x"«, ${N}»]«,\n  "plugins": [${N}]»\n}\n`],
  ["a list in lines", `{\n  "plugin": [\n    "x"«,\n    ${N}»\n  ]«,\n  "plugins": [${N}]»\n}\n`],
  [
    "a list in lines with a trailing comma",
    `{\n  "plugin": [\n    "x",«\n    ${N},»\n  ]«,\n  "plugins": [${N}]»\n}\n`,
  ],
  ["a list with comments", `{\n  "plugin": [\n    "x"«,» // why«\n    ${N}»\n  ]«,\n  "plugins": [${N}]»\n}\n`],
  ["a list with an empty line inside", `{\n  "plugin": [«\n    ${N}»\n  ]«,\n  "plugins": [${N}]»\n}\n`],
  ["both lists", `{\n  "plugin": ["x"«, ${N}»],\n  "plugins": [{ "package": "y" }«, ${N}»]\n}\n`],
  ["a plugin with options", `{\n  "plugin": [["x", { "a": 1 }]«, ${N}»]«,\n  "plugins": [${N}]»\n}\n`],
  ["an empty object", `{«\n  "plugin": [${N}],\n  "plugins": [${N}]\n»}`],
  ["an empty object in lines", `{«\n  "plugin": [${N}],\n  "plugins": [${N}]»\n}\n`],
  [
    "nested settings last",
    `{\n  "provider": {\n    "alibaba": { "x": [1, 2,] },\n  }«,\n  "plugin": [${N}],\n  "plugins": [${N}]»\n}\n`,
  ],
  ["a comma in front of a property", `{\n  "a": 1\n  , "b": 2«,\n  "plugin": [${N}],\n  "plugins": [${N}]»\n}\n`],
]

describe.each(CASES)("a configuration with %s", (_, marked) => {
  const before = marked.replace(/«[^»]*»/g, "")
  const after = marked.replace(/[«»]/g, "")

  it("gets the plugin in both lists and keeps everything else character for character", () => {
    expect(addPlugin(before, ENTRIES)).toBe(after)
  })

  it("contains the plugin for OpenCode's own reader", () => {
    const config = parse(addPlugin(before, ENTRIES), [], { allowTrailingComma: true })
    expect(config.plugin).toContain(PLUGIN_NAME)
    expect(config.plugins).toContain(PLUGIN_NAME)
  })

  it("does not change a second time", () => {
    expect(addPlugin(after, ENTRIES)).toBe(after)
  })

  it("has its former meaning when the plugin is removed", () => {
    const read = (text: string) => parse(text, [], { allowTrailingComma: true })
    const expected = read(before)
    if (expected.plugin?.length === 0) delete expected.plugin
    expect(read(removePlugin(after))).toEqual(expected)
    expect(removePlugin(removePlugin(after))).toBe(removePlugin(after))
  })
})

describe("a configuration without lists of its own", () => {
  // An empty object is restored from the backup: see setup-opencode.test.ts.
  const plain = CASES.map(([name, marked]) => [name, marked.replace(/«[^»]*»/g, "")] as const).filter(
    ([, before]) => !before.includes("plugin") && before !== "{}",
  )
  it.each(plain)("is restored character for character when the plugin is removed: %s", (_, before) => {
    expect(removePlugin(addPlugin(before, ENTRIES))).toBe(before)
  })
})

describe("an existing entry", () => {
  it.each([
    ["a version", `{"plugin": ["${PLUGIN_NAME}@1.2.3"], "plugins": [${N}]}`],
    ["options", `{"plugin": [[${N}, {"debug": true}]], "plugins": [{"package": ${N}, "options": {"debug": true}}]}`],
  ])("keeps the user's choice: %s", (_, text) => {
    expect(addPlugin(text, ENTRIES)).toBe(text)
  })

  it("changes from the published package to the checkout and back, and keeps its options", () => {
    const published = `{"plugin": [[${N}, {"debug": true}]], "plugins": [${N}]}`
    const checkout = addPlugin(published, CHECKOUT)
    expect(checkout).toBe(
      `{"plugin": [["/src/packages/opencode", {"debug": true}]], "plugins": ["/src/packages/opencode/dist"]}`,
    )
    expect(addPlugin(checkout, ENTRIES)).toBe(published)
  })

  it("is removed at every position, also when it is listed twice", () => {
    expect(removePlugin(`{"plugin": [${N}, "x"]}`)).toBe(`{"plugin": ["x"]}`)
    expect(removePlugin(`{"plugin": ["x", ${N}, "y"]}`)).toBe(`{"plugin": ["x", "y"]}`)
    expect(removePlugin(`{"plugin": [${N}, [${N}, {}]], "model": "a/b"}`)).toBe(`{"model": "a/b"}`)
    expect(removePlugin(`{\n  "plugin": [\n    ${N}, // ours\n    "x"\n  ]\n}`)).toBe(
      `{\n  "plugin": [ // ours\n    "x"\n  ]\n}`,
    )
  })
})

describe("a file that cannot be changed", () => {
  it.each([
    ["not JSON", "{ plugin: nonsense", /not valid JSON with comments \(line 1, column \d+\)/],
    ["a list at the top", "[]", /not a JSON object/],
    ["another kind of plugin entry", `{"plugin": "x"}`, /"plugin" is not a list/],
  ])("is refused with the reason: %s", (_, text, reason) => {
    expect(() => addPlugin(text, ENTRIES)).toThrow(UnusableConfig)
    expect(() => addPlugin(text, ENTRIES)).toThrow(reason)
  })
})

it.each([
  [PLUGIN_NAME, true],
  [`${PLUGIN_NAME}@latest`, true],
  [`file:///src/node_modules/${PLUGIN_NAME}/dist/index.js`, true],
  ["/src/packages/opencode", true],
  ["C:\\src\\packages\\opencode\\dist", true],
  ["opencode-qwen-cli-auth", false],
  [`not-${PLUGIN_NAME}`, false],
  ["/src/packages/opencode-other", false],
])("recognises %s as our plugin: %s", (spec, ours) => {
  expect(isOurPlugin(spec)).toBe(ours)
})
