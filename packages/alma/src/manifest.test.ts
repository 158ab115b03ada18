import { readFileSync } from "node:fs"
import { DEFAULT_API_BASE_URL, PLANS, QWEN_OAUTH_BASE_URL } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import manifest from "../manifest.json" with { type: "json" }
import packageJson from "../package.json" with { type: "json" }
import { WORDS } from "./words.ts"

const fileBeside = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8")

describe("the manifest", () => {
  it("has the version of package.json and of the change log's latest entry", () => {
    expect(manifest.version).toBe(packageJson.version)
    expect(/^## (\S+)/m.exec(fileBeside("CHANGELOG.md"))?.[1]).toBe(manifest.version)
  })

  it("asks for every host that is spoken to, and for no other", () => {
    const places = PLANS.flatMap(({ sites }) => sites).map(({ baseUrl }) => baseUrl)
    const hosts = [QWEN_OAUTH_BASE_URL, DEFAULT_API_BASE_URL, ...places].map((url) => new URL(url).host)
    // Workspaces have hosts of their own below the last one.
    const wanted = [...hosts, "*.cn-beijing.maas.aliyuncs.com", "*.ap-southeast-1.maas.aliyuncs.com"].map(
      (host) => `network:domain:${host}`,
    )
    const asked = manifest.permissions.filter((permission) => permission.startsWith("network:domain:"))
    expect([...asked].sort()).toEqual([...new Set(wanted)].sort())
  })

  it("asks for nothing else but what is used", () => {
    const others = manifest.permissions.filter((permission) => !permission.startsWith("network:domain:"))
    expect(others).toEqual(["network:fetch", "providers:manage", "notifications", "settings:read"])
  })

  it("is Alma's provider plugin with its one file", () => {
    expect(manifest).toMatchObject({
      id: "qwen-auth",
      main: "main.js",
      type: "provider",
      engines: { alma: "^0.1.0" },
      activationEvents: ["onStartup"],
      contributes: { providers: [{ id: "qwen", name: "Qwen (Alibaba)", authType: "oauth" }] },
    })
    expect(WORDS.provider.name).toBe(manifest.contributes.providers[0]?.name)
  })

  it("has the commands by the titles that the words and the README name", () => {
    const titles = manifest.contributes.commands.map(({ id, title }) => [id, title])
    expect(titles).toEqual([
      ["qwen-auth.login", "Login to Qwen (Alibaba)"],
      ["qwen-auth.logout", "Logout from Qwen"],
      ["qwen-auth.status", "Show Qwen account status"],
    ])
    for (const [, title = ""] of titles) expect(fileBeside("README.md")).toContain(`\`${title}\``)
    expect(WORDS.status.nobody).toContain(titles[0]?.[1])
  })

  it("has the settings that the README lists", () => {
    for (const name of Object.keys(manifest.contributes.configuration.properties)) {
      expect(fileBeside("README.md")).toContain(`\`${name}\``)
    }
  })
})
