import { describe, expect, it } from "vitest"
import { pluginSettings, type Settings } from "./settings.ts"
import { fakeAlma } from "./testing/fake-alma.ts"

const settingsOf = (values: Readonly<Record<string, unknown>>) => {
  const settings = pluginSettings(fakeAlma({ settings: values }).context.settings)
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
    const alma = fakeAlma()
    const settings = pluginSettings(alma.context.settings)
    expect(alma.read).toEqual([])
    expect(settings.region()).toBe("international")
    alma.settings.set("qwenAuth.region", "china")
    expect(settings.region()).toBe("china")
    expect(alma.read).toEqual(["qwenAuth.region", "qwenAuth.region"])
  })
})
