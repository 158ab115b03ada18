import { chmod, chown, mkdir, readdir, readFile, readlink, realpath, rm, symlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { credential, SERVER } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { credentialFile } from "./credential-file.ts"
import { CredentialManager } from "./credential-manager.ts"
import { qwenCodeFile } from "./qwen-code-file.ts"

const temporaryFolder = temporaryFolders()
const SIGN_IN = credential({ accessToken: "s3cr3t-access", refreshToken: "s3cr3t-refresh" })
const NOBODY = 65_534

const stores = [
  ["our own file", "oauth_token.json", (path: string) => credentialFile(path, { platform: fakePlatform() })],
  ["Qwen Code's file", "oauth_creds.json", (path: string) => qwenCodeFile(dirname(path), { platform: fakePlatform() })],
] as const

/** All text in the files of a folder and below. */
async function contents(folder: string): Promise<string> {
  const found = await readdir(folder, { withFileTypes: true, recursive: true })
  const texts = found.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name)))
  return (await Promise.all(texts)).join("\n")
}

describe.skipIf(process.platform === "win32").each(stores)("a symbolic link to %s", (_, name, storeAt) => {
  async function linked() {
    const base = await realpath(await temporaryFolder())
    const [path, target] = [join(base, "here", name), join(base, "elsewhere", "mine.json")]
    await mkdir(dirname(path))
    await symlink(target, path)
    const store = storeAt(path)
    const manager = () => new CredentialManager({ platform: fakePlatform(), server: SERVER, store })
    return { base, path, target, store, manager }
  }

  it("is followed by a sign-in, which creates the missing target", async () => {
    const { path, target, store, manager } = await linked()
    await manager().setCredential(SIGN_IN)
    expect(await readlink(path)).toBe(target)
    expect(await readFile(target, "utf8")).toContain("s3cr3t-refresh")
    expect(await store.read()).toEqual({ credential: SIGN_IN })
    expect((await readdir(dirname(target))).sort()).toEqual(["mine.json", "mine.json.lock"])
  })

  it("survives a sign-out, which removes the target, and is used by the next sign-in", async () => {
    const { base, path, target, store, manager } = await linked()
    await manager().setCredential(SIGN_IN)
    await manager().clear()
    expect(await contents(base)).not.toContain("s3cr3t")
    expect(await readlink(path)).toBe(target)
    expect(await store.read()).toEqual({})
    await manager().setCredential(SIGN_IN)
    expect(await readFile(target, "utf8")).toContain("s3cr3t-refresh")
  })

  it("is followed through a second link, and both links stay", async () => {
    const { base, path, target, manager } = await linked()
    await mkdir(dirname(target))
    await symlink("../last.json", target)
    await manager().setCredential(SIGN_IN)
    expect(await readFile(join(base, "last.json"), "utf8")).toContain("s3cr3t-refresh")
    await manager().clear()
    expect(await contents(base)).not.toContain("s3cr3t")
    expect([await readlink(path), await readlink(target)]).toEqual([target, "../last.json"])
  })

  it("without a target means signed out, and a sign-out succeeds", async () => {
    const { path, target, store, manager } = await linked()
    expect(await store.read()).toEqual({})
    await manager().clear()
    expect(await readlink(path)).toBe(target)
  })

  it("that points to itself is removed by a sign-out", async () => {
    const { path, store, manager } = await linked()
    await rm(path)
    await symlink(path, path)
    await manager().clear()
    expect(await store.read()).toEqual({})
    expect(await readdir(dirname(path))).not.toContain(name)
  })

  /** Runs `task` as a user who can create and remove nothing in the folder of the sign-in. */
  async function withReadOnlyFolder(task: (set: Awaited<ReturnType<typeof linked>>) => Promise<void>) {
    const set = await linked()
    await set.manager().setCredential(SIGN_IN)
    const folder = dirname(set.target)
    await rm(`${set.target}.lock`, { recursive: true })
    // Modes do not bind root.
    const isRoot = process.geteuid?.() === 0
    const paths = [set.base, dirname(set.path), folder, set.target]
    if (isRoot) await Promise.all(paths.map((file) => chown(file, NOBODY, NOBODY)))
    await chmod(folder, 0o500)
    if (isRoot) process.seteuid?.(NOBODY)
    try {
      await task(set)
    } finally {
      if (isRoot) process.seteuid?.(0)
      await chmod(folder, 0o700)
    }
  }

  it("into a folder that is not writable has no tokens after a sign-out", () =>
    withReadOnlyFolder(async ({ base, path, target, store, manager }) => {
      expect(await store.read()).toEqual({ credential: SIGN_IN })
      await manager().clear()
      expect(await contents(base)).not.toContain("s3cr3t")
      expect((await store.read()).credential).toBeUndefined()
      expect(await readlink(path)).toBe(target)
    }))

  it("to a file that cannot be removed or emptied makes a sign-out fail", () =>
    withReadOnlyFolder(async ({ target, store, manager }) => {
      await chmod(target, 0o400)
      const error = await failureOf(manager().clear())
      expect([error.code, error.remedy]).toEqual(["credential_not_stored", "Remove it manually."])
      expect(await store.read()).toEqual({ credential: SIGN_IN })
    }))
})
