import { access, mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { credential } from "qwen-auth-testing/samples"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { expect, it } from "vitest"
import { readAuthConfig } from "./auth-config.ts"
import { signInStore } from "./sign-in-store.ts"

const temporaryFolder = temporaryFolders()

async function setUp(options: { credentials?: unknown; config?: string } = {}) {
  const home = await temporaryFolder()
  const folder = join(home, ".opencode", "qwen")
  const settings = {
    tokenFile: join(folder, "oauth_token.json"),
    authConfigFile: join(folder, "auth-config.json"),
    fallbackLockFolder: join(home, "elsewhere.lock"),
    qwenCodeFolder: join(home, ".qwen"),
    ...("credentials" in options ? { credentials: options.credentials } : {}),
  }
  const configure = async (text: string) => {
    await mkdir(folder, { recursive: true })
    await writeFile(settings.authConfigFile, text)
  }
  if (options.config !== undefined) await configure(options.config)
  const platform = fakePlatform()
  const reads = { times: 0 }
  const config = () => {
    reads.times++
    return readAuthConfig(settings.authConfigFile, platform.log)
  }
  return { settings, configure, reads, signIn: signInStore(platform, settings, config) }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

it("uses the plugin's own file by default and does not touch Qwen Code's folder", async () => {
  const { signIn, settings } = await setUp()
  await signIn.store.withLock((lock) => lock.write(credential()))
  expect(await signIn.store.read()).toEqual({ credential: credential() })
  expect(await readFile(settings.tokenFile, "utf8")).toContain("access-1")
  expect(await exists(settings.qwenCodeFolder)).toBe(false)
  expect(signIn.store.refusalGraceMs ?? 0).toBe(0)
  await signIn.store.clear()
  expect(await exists(settings.tokenFile)).toBe(false)
})

it.each([{ credentials: "qwen-code" }, { config: '{"credentials":"qwen-code"}' }])(
  "uses Qwen Code's file with %j, and does not create the plugin's own",
  async (options) => {
    const { signIn, settings } = await setUp(options)
    await signIn.store.withLock((lock) => lock.write(credential()))
    expect(await readFile(join(settings.qwenCodeFolder, "oauth_creds.json"), "utf8")).toContain("access-1")
    expect(await exists(settings.tokenFile)).toBe(false)
    expect(signIn.store.refusalGraceMs).toBeGreaterThan(0)
  },
)

it("chooses at the first use, once", async () => {
  const { signIn, settings, configure, reads } = await setUp()
  expect(reads.times).toBe(0)
  await configure('{"credentials":"qwen-code"}')
  expect(await signIn.store.read()).toEqual({})
  await configure('{"credentials":"own"}')
  await signIn.store.withLock((lock) => lock.write(credential()))
  expect(await exists(join(settings.qwenCodeFolder, "oauth_creds.json"))).toBe(true)
  expect(await signIn.choice()).toBe("qwen-code")
  expect(reads.times).toBe(1)
})

it("does not read the configuration when the plugin option has the choice", async () => {
  const { signIn, reads } = await setUp({ credentials: "own", config: '{"credentials":"qwen-code"}' })
  expect(await signIn.choice()).toBe("own")
  expect(reads.times).toBe(0)
})

it("switches to the other store immediately, with its grace period", async () => {
  const { signIn, settings } = await setUp()
  await signIn.store.withLock((lock) => lock.write(credential()))
  signIn.use("qwen-code")
  expect(await signIn.choice()).toBe("qwen-code")
  expect(await signIn.store.read()).toEqual({})
  expect(signIn.store.refusalGraceMs).toBeGreaterThan(0)
  signIn.use("own")
  expect(await signIn.store.read()).toEqual({ credential: credential() })
  expect(signIn.store.refusalGraceMs ?? 0).toBe(0)
  expect(await exists(settings.qwenCodeFolder)).toBe(false)
})

it("passes on the check that can make the lock unnecessary", async () => {
  const { signIn } = await setUp({ credentials: "qwen-code" })
  await signIn.store.withLock(async () => {
    const never = () => Promise.reject(new Error("the lock was acquired"))
    expect(await signIn.store.withLock<string>(never, async () => "it")).toBe("it")
  })
})
