import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { readTextFile, readTextFileSync } from "./text-file.ts"

const temporaryFolder = temporaryFolders()
const LARGEST = 1024 * 1024
const TEXT = '{"name": "Zo\u00eb \u674e"}\r\n'
const bigEndian = (text: string) => Buffer.from(text, "utf16le").swap16()

const readers = [
  ["asynchronously", readTextFile],
  ["synchronously", async (path: string) => readTextFileSync(path)],
] as const

describe.each(readers)("reading a text file, %s", (_, read) => {
  const file = async () => join(await temporaryFolder(), "file.json")

  it.each([
    ["UTF-8", Buffer.from(TEXT)],
    ["UTF-8 with a byte order mark", Buffer.from(`\uFEFF${TEXT}`)],
    ["UTF-16, little endian", Buffer.from(`\uFEFF${TEXT}`, "utf16le")],
    ["UTF-16, big endian", bigEndian(`\uFEFF${TEXT}`)],
  ])("returns the text of %s", async (_encoding, bytes) => {
    const path = await file()
    await writeFile(path, bytes)
    expect(await read(path)).toBe(TEXT)
  })

  it.each([0, 1])("returns a text of %i byte(s)", async (length) => {
    const path = await file()
    await writeFile(path, "7".repeat(length))
    expect(await read(path)).toBe("7".repeat(length))
  })

  it("rejects a file of more than 1 MiB", async () => {
    const path = await file()
    await writeFile(path, Buffer.alloc(LARGEST, " "))
    expect((await read(path)).length).toBe(LARGEST)
    await writeFile(path, Buffer.alloc(LARGEST + 1, " "))
    await expect(read(path)).rejects.toMatchObject({ code: "EFBIG" })
  })

  it("throws the file system's error for a missing file and a folder", async () => {
    const path = await file()
    await expect(read(path)).rejects.toMatchObject({ code: "ENOENT" })
    await mkdir(path)
    await expect(read(path)).rejects.toMatchObject({ code: "EISDIR" })
  })

  it.skipIf(process.platform === "win32")("rejects a device, like a pipe", async () => {
    await expect(read("/dev/null")).rejects.toMatchObject({ code: "EINVAL" })
  })
})
