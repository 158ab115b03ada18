import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import { DEFAULT_API_BASE_URL } from "qwen-auth-core"
import { API_DOMAINS, API_HOSTS, isAllowedApiUrl, PLANS, QWEN_OAUTH_BASE_URL } from "qwen-auth-core/internal"
import { always } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import manifest from "../manifest.json" with { type: "json" }
import packageJson from "../package.json" with { type: "json" }
import { permitsHost } from "../test-host/manifest.ts"
import { MESSAGES } from "./messages.ts"

const fileBeside = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8")

describe("the manifest", () => {
  it("has the version of package.json and of the change log's latest entry", () => {
    expect(manifest.version).toBe(packageJson.version)
    expect(/^## (\S+)/m.exec(fileBeside("CHANGELOG.md"))?.[1]).toBe(manifest.version)
  })

  it("has a version above 1.0.1, that of another public plugin with this id: a lower one would look like a downgrade", () => {
    const [major = 0, minor = 0, patch = 0] = manifest.version.split(".").map(Number)
    expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThan(1_000_001)
  })

  describe("permits hosts", () => {
    const named = manifest.permissions.flatMap((permission) => permission.split("network:domain:")[1] ?? [])
    // Not every text of labels is a host: `xn--a` is not valid Punycode.
    const accepts = (host: string) => URL.canParse(`https://${host}`) && isAllowedApiUrl(new URL(`https://${host}/v1`))

    it("that the plugin itself names: for the sign-in and for each plan", () => {
      const endpoints = PLANS.flatMap((plan) => plan.endpoints).map(({ baseUrl }) => baseUrl)
      const hosts = [QWEN_OAUTH_BASE_URL, DEFAULT_API_BASE_URL, ...endpoints].map((url) => new URL(url).host)
      expect(named).toEqual(expect.arrayContaining(hosts))
    })

    it("that may receive a credential: each host by name, each domain with and without a wildcard", () => {
      // It is not known whether Alma supports `*.`. Published plugins name the parent domain.
      const domains = API_DOMAINS.flatMap((domain) => [domain, `*.${domain}`])
      expect(named).toEqual(expect.arrayContaining([...API_HOSTS, ...domains]))
    })

    it.each(["cn-beijing", "cn-hongkong", "ap-southeast-1", "ap-northeast-1", "eu-central-1", "us-east-1"])(
      "of workspaces in %s, even if a wildcard or a parent matches only one label",
      (region) =>
        expect(named).toEqual(expect.arrayContaining([`${region}.maas.aliyuncs.com`, `*.${region}.maas.aliyuncs.com`])),
    )

    it.each(["wildcards", "parents"] as const)(
      "for every resource_url and workspace host that the plugin accepts: %s",
      (domains) => {
        const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/)
        const below = fc.tuple(fc.array(label, { maxLength: 3 }), fc.constantFrom(...API_HOSTS, ...API_DOMAINS))
        const host = fc.oneof(
          below.map(([labels, domain]) => [...labels, domain].join(".")),
          fc.constantFrom(
            ...["us-east-1", "us-west-1", "cn-hongkong", "cn-shanghai"].map(
              (region) => `ws-1.${region}.maas.aliyuncs.com`,
            ),
          ),
        )
        always(
          fc.property(host, (name) => {
            fc.pre(accepts(name))
            expect(permitsHost(manifest, name, domains)).toBe(true)
          }),
          500,
        )
      },
    )

    it("that the plugin uses, and no others", () => {
      const others = named.filter((name) => !accepts(name.replace("*", "any")) && !API_DOMAINS.includes(name))
      expect(others).toEqual([])
    })
  })

  it("requests only the permissions that are used", () => {
    const others = manifest.permissions.filter((permission) => !permission.startsWith("network:domain:"))
    expect(others).toEqual([
      "network:fetch",
      "network:localhost",
      "providers:manage",
      "notifications",
      "settings:read",
      "storage:secrets",
    ])
  })

  it("describes a provider plugin with one file", () => {
    expect(manifest).toMatchObject({
      id: "qwen-auth",
      main: "main.js",
      type: "provider",
      engines: { alma: "^0.1.0" },
      activationEvents: ["onStartup"],
      contributes: { providers: [{ id: "qwen", name: "Qwen (Alibaba)", authType: "oauth" }] },
    })
    expect(MESSAGES.provider.name).toBe(manifest.contributes.providers[0]?.name)
  })

  it("has the command titles that the messages and the README use", () => {
    const titles = manifest.contributes.commands.map(({ id, title }) => [id, title])
    expect(titles).toEqual([
      ["qwen-auth.login", "Login to Qwen (Alibaba)"],
      ["qwen-auth.logout", "Logout from Qwen"],
      ["qwen-auth.status", "Show Qwen account status"],
    ])
    for (const [, title = ""] of titles) expect(fileBeside("README.md")).toContain(`\`${title}\``)
    expect(MESSAGES.status.signedOut).toContain(titles[0]?.[1])
  })

  it("has the settings that the README lists", () => {
    for (const name of Object.keys(manifest.contributes.configuration.properties)) {
      expect(fileBeside("README.md")).toContain(`\`${name}\``)
    }
  })
})
