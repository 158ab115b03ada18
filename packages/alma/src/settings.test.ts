import { describe, expect, it } from "vitest"
import { pluginSettings, type Settings } from "./settings.ts"
import { testAlma } from "./testing/test-alma.ts"

const settingsOf = (values: Readonly<Record<string, unknown>>) => {
  const settings = pluginSettings(testAlma({ settings: values }).context.settings)
  return valuesOf(settings)
}

const valuesOf = (settings: Settings) => [
  settings.region(),
  settings.toolNames(),
  settings.promptCache(),
  settings.verifySignIn(),
  settings.debug(),
]

const NAMES = ["region", "toolNames", "promptCache", "verifySignIn", "debugLog"]
const DEFAULTS = ["international", true, true, true, false]

describe("the plugin's settings", () => {
  it("have the manifest's defaults when nothing is set", () => expect(settingsOf({})).toEqual(DEFAULTS))

  it("have the values that the user set", () => {
    const set = ["china", false, false, false, true]
    expect(settingsOf(Object.fromEntries(NAMES.map((name, index) => [`qwenAuth.${name}`, set[index]])))).toEqual(set)
  })

  it.each([[null], ["us"], [7], [{}], [["china"]], ["true"], [""]])("have the defaults instead of %j", (value) => {
    expect(settingsOf(Object.fromEntries(NAMES.map((name) => [`qwenAuth.${name}`, value])))).toEqual(DEFAULTS)
  })

  it("have the defaults when Alma cannot read them", () => {
    const settings = pluginSettings({
      get() {
        throw new Error("no settings")
      },
    })
    expect(valuesOf(settings)).toEqual(DEFAULTS)
  })

  it("are read at each use and not earlier", () => {
    const alma = testAlma()
    const read: string[] = []
    const settings = pluginSettings({
      get(key) {
        read.push(key)
        return alma.context.settings.get(key)
      },
    })
    expect(read).toEqual([])
    expect(settings.region()).toBe("international")
    alma.settings.change("qwenAuth.region", "china")
    expect(settings.region()).toBe("china")
    expect(read).toEqual(["qwenAuth.region", "qwenAuth.region"])
  })
})
