import { chmod, open, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it, vi } from "vitest"
import { ensureKeyFile, readKeyFile } from "./key-file.ts"
import { newLocalKey } from "./local-key.ts"

const folder = temporaryFolders()
const KEY = "a-key-of-thirty-two-characters-00"
const unexpected = () => {
  throw new Error("No key was expected to be made.")
}

it("makes a key of 32 random bytes that fits into a header", () => {
  const key = newLocalKey((size) => Uint8Array.from({ length: size }, (_, index) => 255 - index))
  expect(key).toMatch(/^qwen-auth-[\w-]{43}$/)
})

describe("the key file", () => {
  it("is created for its owner only, and keeps the key", async () => {
    const path = join(await folder(), "key")
    expect(await ensureKeyFile(path, () => KEY, "linux")).toBe(KEY)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await ensureKeyFile(path, unexpected, "linux")).toBe(KEY)
    expect(await readFile(path, "utf8")).toBe(`${KEY}\n`)
  })

  it("has one key when several gateways start at once", async () => {
    const path = join(await folder(), "key")
    const keys = await Promise.all(
      Array.from({ length: 8 }, (_, index) => ensureKeyFile(path, () => `${KEY}-${index}`, "linux").catch(() => "")),
    )
    const made = (await readFile(path, "utf8")).trim()
    expect(keys.filter((key) => key !== "" && key !== made)).toEqual([])
  })

  it("is refused when others can read it, except on Windows", async () => {
    const path = join(await folder(), "key")
    await writeFile(path, KEY)
    await chmod(path, 0o644)
    await expect(readKeyFile(path, "darwin")).rejects.toThrow(`chmod 600 ${path}`)
    expect(await readKeyFile(path, "win32")).toBe(KEY)
  })

  it("is removed when it cannot be filled", async () => {
    const path = join(await folder(), "key")
    const handle = await open(path, "w")
    await handle.close()
    await rm(path)
    const full = Object.assign(new Error("write"), { code: "ENOSPC" })
    const write = vi.spyOn(Object.getPrototypeOf(handle), "writeFile").mockRejectedValueOnce(full)
    await expect(ensureKeyFile(path, () => KEY, "linux")).rejects.toThrow("cannot be created (ENOSPC)")
    write.mockRestore()
    expect(await ensureKeyFile(path, () => KEY, "linux")).toBe(KEY)
  })

  it("is refused when it is a folder, without advice on its mode", async () => {
    const path = await folder()
    await chmod(path, 0o755)
    await expect(readKeyFile(path, "linux")).rejects.toThrow(`The key file ${path} is not a file. Choose another path.`)
  })

  it.each(["", "short", `${KEY}\n${KEY}`, `${KEY} with spaces`, "ключ".repeat(10)])(
    "is refused with %j, and its content is not shown",
    async (content) => {
      const path = join(await folder(), "key")
      await writeFile(path, content, { mode: 0o600 })
      const refused = readKeyFile(path, "linux")
      await expect(refused).rejects.toThrow("does not contain a key")
      if (content !== "") await expect(refused).rejects.not.toThrow(content)
    },
  )

  it("is undefined when it is missing, and cannot be created in a missing folder", async () => {
    const path = join(await folder(), "no", "key")
    expect(await readKeyFile(path, "linux")).toBeUndefined()
    await expect(ensureKeyFile(path, () => KEY, "linux")).rejects.toThrow("cannot be created (ENOENT)")
  })
})
