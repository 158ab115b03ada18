import { spawnSync } from "node:child_process"
import { copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const OLDEST = "20.19"
const PROJECT = fileURLToPath(new URL("../..", import.meta.url))

const text = (file: string) => readFile(join(PROJECT, file), "utf8")

describe("set-up.mjs", () => {
  let clone = ""

  beforeAll(async () => {
    clone = await mkdtemp(join(tmpdir(), "node-version-"))
    await mkdir(join(clone, "scripts"))
    await mkdir(join(clone, "node_modules"))
    await copyFile(join(PROJECT, "scripts/set-up.mjs"), join(clone, "scripts/set-up.mjs"))
    await copyFile(join(PROJECT, "package.json"), join(clone, "package.json"))
    await writeFile(join(clone, "package-lock.json"), "{}")
    await writeFile(join(clone, "node_modules/.package-lock.json"), "{}")
    // An older lockfile means that everything is installed, so an accepted Node has nothing to do.
    await utimes(join(clone, "package-lock.json"), 0, 0)
  })

  afterAll(() => rm(clone, { recursive: true, force: true }))

  const runIn = (version: string) => {
    const pretend = `Object.defineProperty(process.versions, "node", { value: "${version}" })`
    const preload = `data:text/javascript,${encodeURIComponent(pretend)}`
    const script = join(clone, "scripts/set-up.mjs")
    return spawnSync(process.execPath, ["--import", preload, script, "--install-only"], { encoding: "utf8" })
  }

  it.each(["18.20.8", "20.0.0", "20.3.0", "20.9.0", "20.18.3"])(
    "refuses Node %s and names the oldest supported one",
    (version) => {
      const { status, stderr } = runIn(version)
      expect(stderr).toBe(`Node ${version} is too old for this project. Install Node ${OLDEST} or newer.\n`)
      expect(status).toBe(1)
    },
  )

  it.each(["20.19.0", "20.20.2", "21.0.0", "22.9.0", "100.0.0"])("accepts Node %s", (version) => {
    expect(runIn(version)).toMatchObject({ status: 0, stderr: "" })
  })
})

describe("the oldest supported Node", () => {
  it.each(["", "packages/alma/", "packages/core/", "packages/opencode/", "packages/simulator/"])(
    "is the same in %spackage.json",
    async (folder) => {
      expect(JSON.parse(await text(`${folder}package.json`))).toMatchObject({ engines: { node: `>=${OLDEST}` } })
    },
  )

  it.each(["README.md", "CONTRIBUTING.md", "packages/core/README.md"])("is named in %s", async (file) => {
    expect(/Node (\S+) or newer/.exec(await text(file))?.[1]).toBe(OLDEST)
  })

  it("is the target of the build", async () => {
    expect(await text("tsdown.config.ts")).toContain(`target: "node${OLDEST}"`)
  })
})
