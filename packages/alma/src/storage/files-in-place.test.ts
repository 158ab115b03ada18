import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { formatStoredCredential } from "qwen-auth-core/internal"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { credential, keyCredential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { filesInPlace } from "./files-in-place.ts"

const temporaryFolder = temporaryFolders()

/** The sign-ins on a computer with these files, by their paths in the home folder. */
async function setUp(files: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>> = {}) {
  const home = await temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(home, path, ".."), { recursive: true })
    await writeFile(join(home, path), text)
  }
  const platform = fakePlatform()
  return { platform, files: filesInPlace(platform, () => ({ environment, options: {}, home, temporary: home })) }
}

const QWEN_CODE = { ".qwen/oauth_creds.json": formatStoredCredential(credential()) }

describe("the sign-ins on this computer", () => {
  it("are none where no program has stored one", async () => {
    expect((await setUp({})).files.existing()).toEqual([])
  })

  it("are the accounts and keys of other programs, which can be read", async () => {
    const { files } = await setUp({
      ...QWEN_CODE,
      ".opencode/qwen/oauth_token.json": formatStoredCredential(keyCredential()),
    })
    expect(files.existing().map(({ kind, id }) => [kind, id])).toEqual([
      ["account", "qwen-code"],
      ["key", "own-key"],
    ])
    expect(await files.store("qwen-code").read()).toEqual({ credential: credential() })
    expect(await files.store("own").read()).toEqual({ credential: keyCredential() })
    expect(files.key("own-key")?.apiKey).toBe(keyCredential().apiKey)
    expect(files.store("own")).toBe(files.store("own"))
  })

  it("do not depend on an address of the environment, which Alma does not use", async () => {
    const { files, platform } = await setUp(QWEN_CODE, { QWEN_OAUTH_BASE_URL: "not an address" })
    expect(files.existing()).toMatchObject([{ kind: "account", id: "qwen-code" }])
    expect(platform.logged).toEqual([])
  })

  it("are none, with a warning, when the home folder cannot be found", () => {
    const platform = fakePlatform()
    const files = filesInPlace(platform, () => {
      throw new Error("no home folder")
    })
    expect(files.existing()).toEqual([])
    expect(platform.logged).toMatchObject([{ level: "warn" }])
  })
})
