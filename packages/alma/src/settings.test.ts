import { describe, expect, it } from "vitest"
import { pluginSettings } from "./settings.ts"
import { fakeAlma } from "./testing/fake-alma.ts"

const settingsOf = (values: Readonly<Record<string, unknown>>) => {
  const settings = pluginSettings(fakeAlma({ settings: values }).context.settings)
  return [settings.region(), settings.toolNames(), settings.debug()]
}

const DEFAULTS = ["international", true, false]

describe("the plugin's settings", () => {
  it("have the manifest's defaults when nothing is set", () => expect(settingsOf({})).toEqual(DEFAULTS))

  it("have the values that the user set", () => {
    const set = { "qwenAuth.region": "china", "qwenAuth.toolNames": false, "qwenAuth.debugLog": true }
    expect(settingsOf(set)).toEqual(["china", false, true])
  })

  it.each([[null], ["us"], [7], [{}], [["china"]], ["true"], [""]])("have the defaults instead of %j", (value) => {
    const set = { "qwenAuth.region": value, "qwenAuth.toolNames": value, "qwenAuth.debugLog": value }
    expect(settingsOf(set)).toEqual(DEFAULTS)
  })

  it("have the defaults when Alma cannot read them", () => {
    const settings = pluginSettings({
      get() {
        throw new Error("no settings")
      },
    })
    expect([settings.region(), settings.toolNames(), settings.debug()]).toEqual(DEFAULTS)
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
