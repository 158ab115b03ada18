import { access, readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect } from "vitest"
import { question, runOpenCode } from "../harness/opencode/opencode.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { it, signedIn, writePrivately } from "../harness/opencode/with-opencode.ts"
import { REPOSITORY } from "../harness/shared/repository.ts"

const readme = (name: string) => readFile(join(REPOSITORY, "packages", name, "README.md"), "utf8")

describe("a checkout", () => {
  it.skipIf(opencodeMissing)(
    "is loaded by OpenCode with the configuration in the README",
    async ({ simulator, home }) => {
      const [, block = ""] = /```json\n(.*?)```/s.exec(await readme("opencode")) ?? []
      expect(block).toContain("/path/to/checkout/packages/opencode")
      const config: object = JSON.parse(block.replace("/path/to/checkout", REPOSITORY))
      await writePrivately(join(home.project, "opencode.json"), config)
      await signedIn(simulator, home)

      expect((await runOpenCode(home, question("What is 6 times 7?"))).output).toContain("42")
    },
  )

  it("contains Alma's folder and zip at the paths in the README", async () => {
    const named = [...(await readme("alma")).matchAll(/`(packages\/alma\/dist\/[^`]+)`/g)].map(([, path = ""]) => path)
    expect(named.length).toBeGreaterThan(0)
    for (const path of named) await access(join(REPOSITORY, path))
  })
})
